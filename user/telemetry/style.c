// SPDX-License-Identifier: BSD-2-Clause
#include "telemetry/style.h"

#include <stddef.h>

struct colour {
	const char *name;
	const char *light, *dark;
};

static const struct colour colours[] = {
	{"s0", "#0072b2", "#56b4e9"},	 {"s1", "#a66b00", "#e69f00"},
	{"s2", "#00866a", "#2fc79e"},	 {"s3", "#a03c8c", "#e08ad0"},
	{"s4", "#505860", "#c3ccd5"},	 {"s5", "#7a3b1d", "#f0b08a"},
	{"miss", "#b94716", "#ff7f3f"},	 {"ink", "#1b1f24", "#e6edf3"},
	{"muted", "#57606a", "#9da7b3"}, {"grid", "#dfe3e8", "#2b323b"},
	{"paper", "#ffffff", "#0d1117"}, {"raised", "#f6f8fa", "#161b22"},
};

#define N_COLOURS (sizeof(colours) / sizeof(colours[0]))

/* '%' stands for a colour: the name behind it, which ends at what is no letter or digit. */
static const char *const chart_rules[] = {
	".chart text{font-family:system-ui,'DejaVu Sans',Arial,sans-serif;font-size:13px;fill:%ink}",
	".chart .tick{fill:%muted;font-size:12px}",
	".chart .title{font-size:15px;font-weight:600}",
	".bg{fill:%paper}",
	".grid{stroke:%grid;stroke-width:1}",
	".axis{stroke:%muted;stroke-width:1}",
	".ref{stroke:%muted;stroke-width:1.25;stroke-dasharray:5 4}",
	".limit{stroke:%miss;stroke-width:1.5;stroke-dasharray:8 4}",
	".halo{stroke:%paper;stroke-width:3;opacity:.75}",
	".chart .ref-text{fill:%ink}.chart .limit-text{fill:%miss}",
	".chart .ref-text,.chart .limit-text{font-size:12px;paint-order:stroke}",
	".ref-text,.limit-text{stroke:%paper;stroke-width:3px;stroke-linejoin:round}",
	".line{fill:none;stroke-width:2;stroke-linejoin:round}",
	".dots{fill:none;stroke-width:3.2;stroke-linecap:round}.few{stroke-width:5.5}",
	".span{fill:none;opacity:.38}",
	".mid{fill:none;stroke-width:2}",
	".whisker{stroke-width:2}",
	".over{fill-opacity:.45}",
	".rest{fill:%muted;fill-opacity:.25}",
	".miss{fill:%miss;stroke:%paper;stroke-width:.75}",
	".l0{stroke:%s0}.l1{stroke:%s1}.l2{stroke:%s2}.l3{stroke:%s3}.l4{stroke:%s4}.l5{stroke:%s5}",
	".line.l6{stroke:%muted;stroke-width:1;opacity:.6}",
	".f0{fill:%s0}.f1{fill:%s1}.f2{fill:%s2}.f3{fill:%s3}.f4{fill:%s4}.f5{fill:%s5}",
	".hollow{fill:%paper;stroke-width:2}",
	".line.l1{stroke-dasharray:9 3}.line.l2{stroke-dasharray:3 3}",
	".line.l3{stroke-dasharray:12 3 3 3}.line.l4{stroke-dasharray:6 2 2 2 2 2}",
	".line.l5{stroke-dasharray:1.5 4;stroke-linecap:round}",
	".d1{fill-opacity:.18}.d2{fill-opacity:.36}.d3{fill-opacity:.55}.d4{fill-opacity:.77}",
};

static const char *const page_rules[] = {
	"*{box-sizing:border-box}",
	"body{margin:0;background:%paper;color:%ink;line-height:1.5;"
	"font-family:system-ui,-apple-system,'Segoe UI','DejaVu Sans',Arial,sans-serif}",
	"main{max-width:1280px;margin:0 auto;padding:24px 20px 56px}",
	"h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}",
	"h2{font-size:1.3rem;margin:2.6rem 0 .8rem;padding-top:.9rem;border-top:1px solid %grid}",
	"h2 code{font-size:1.15rem}",
	"p{max-width:78ch;margin:.5rem 0}",
	"code{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.92em;"
	"overflow-wrap:anywhere}",
	"a{color:%s0}",
	".muted,figcaption,caption{color:%muted}",
	".facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;"
	"margin:1rem 0;background:%raised;border:1px solid %grid;border-radius:8px;overflow:hidden}",
	".facts div{padding:.55rem .8rem;box-shadow:0 0 0 1px %grid}",
	".facts dt{color:%muted;font-size:.8rem}",
	".facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}",
	".scroll{overflow-x:auto;margin:.8rem 0}",
	".scroll:focus-visible{outline:2px solid %s0;outline-offset:2px}",
	"table{border-collapse:collapse;width:100%%;font-size:.86rem;"
	"font-variant-numeric:tabular-nums}",
	"caption{text-align:left;padding-bottom:.5rem;font-size:.85rem}",
	"caption span{display:block;white-space:normal;max-width:min(90ch,calc(100vw - 44px))}",
	"th,td{padding:.36rem .5rem;text-align:right;white-space:nowrap;"
	"border-bottom:1px solid %grid}",
	"td.text{white-space:normal;min-width:5.5rem}td .tag{display:inline-block}",
	"thead th{border-bottom:2px solid %muted;vertical-align:bottom;line-height:1.25}",
	"thead .unit{display:block;font-weight:400;color:%muted;font-size:.8rem}",
	"th[scope=row],th:first-child{text-align:left}",
	"tbody th{font-weight:600}",
	"td.text{text-align:left}",
	".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%%,480px),1fr));"
	"gap:22px 28px}",
	"figure{margin:0;break-inside:avoid}",
	".chart{display:block;width:100%%;height:auto}",
	"figcaption{font-size:.83rem;line-height:1.4;margin-top:.35rem}",
	"figcaption b{color:%ink}",
	".tag{display:inline-block;border:1px solid %muted;border-radius:999px;padding:0 .55em;"
	"font-size:.8rem;color:%ink}",
	".tag.loud{border-color:%miss;color:%miss;font-weight:600}",
	".problems{border-left:4px solid %miss;padding:.1rem 0 .1rem .9rem}",
	"dl.terms{max-width:90ch}",
	"dl.terms dt{font-weight:600;margin-top:.5rem}",
	"dl.terms dd{margin:0;color:%muted}",
	"footer{margin-top:3rem;padding-top:.9rem;border-top:1px solid %grid;color:%muted;"
	"font-size:.83rem}",
};

static const char print_rules[] =
	"@media print{main{max-width:none;padding:0}.scroll{overflow:visible}"
	"table{font-size:7.5pt}th,td{padding:.2rem .3rem}h2{break-after:avoid}"
	".figures{grid-template-columns:1fr 1fr}.facts{border-radius:0}"
	"body{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
	"@page{size:A4;margin:14mm}}";

static int is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The colour whose name `text` begins with, and the name's length. */
static const struct colour *find_colour(const char *text, size_t *ret_length)
{
	size_t length = 0;

	while (is_word(text[length]))
		length++;
	*ret_length = length;
	for (size_t i = 0; i < N_COLOURS; i++) {
		size_t j = 0;

		while (j < length && colours[i].name[j] == text[j])
			j++;
		if (j == length && !colours[i].name[j])
			return &colours[i];
	}
	return NULL;
}

/* With variables for a page, whose colours change, and without for a file: not all renderers have them. */
static void write_rule(FILE *stream, const char *rule, int variables)
{
	for (; *rule; rule++) {
		const struct colour *colour;
		size_t length;

		if (*rule != '%') {
			putc(*rule, stream);
			continue;
		}
		colour = find_colour(rule + 1, &length);
		if (!colour) {
			putc('%', stream); /* "%%" */
			rule++;
			continue;
		}
		fprintf(stream, variables ? "var(--%s)" : "%s",
			variables ? colour->name : colour->light);
		rule += length;
	}
	putc('\n', stream);
}

static void write_colours(FILE *stream, int dark)
{
	fputs(":root{", stream);
	for (size_t i = 0; i < N_COLOURS; i++)
		fprintf(stream, "--%s:%s;", colours[i].name,
			dark ? colours[i].dark : colours[i].light);
	fprintf(stream, "color-scheme:%s}", dark ? "dark" : "light");
}

void style_write_svg(FILE *stream)
{
	putc('\n', stream);
	for (size_t i = 0; i < sizeof(chart_rules) / sizeof(chart_rules[0]); i++)
		write_rule(stream, chart_rules[i], 0);
}

void style_write_page(FILE *stream)
{
	putc('\n', stream);
	write_colours(stream, 0);
	fputs("\n@media screen and (prefers-color-scheme:dark){", stream);
	write_colours(stream, 1);
	fputs("}\n", stream);
	for (size_t i = 0; i < sizeof(page_rules) / sizeof(page_rules[0]); i++)
		write_rule(stream, page_rules[i], 1);
	for (size_t i = 0; i < sizeof(chart_rules) / sizeof(chart_rules[0]); i++)
		write_rule(stream, chart_rules[i], 1);
	fprintf(stream, "%s\n", print_rules);
}
