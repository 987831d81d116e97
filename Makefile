# SPDX-License-Identifier: BSD-2-Clause
#
#   make               build/energytrace and build/raplsim
#   make check         unit tests, golden replays and fuzz corpora (no root)
#   make bench         what it costs, beside floors (root; docs/overhead.md)
#   make stress        what the ledger stands (root)
#   make vmtest        guests with other kernels (root, network; docs/kernels.md)
#   make lint          formatting and static analysis; make format mends the first
#   make O=DIR V=1     another build folder; show the commands
#   make SANITIZE=address,undefined
#
VERSION := 0.1.0
O ?= build
CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)
PREFIX ?= /usr/local

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror
CPPFLAGS += -D_GNU_SOURCE -DENERGYTRACE_VERSION='"$(VERSION)"' -Iuser -Ibpf -Itools -isystem $(O)/bpf
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu17 $(WARNINGS) -fno-omit-frame-pointer -ffp-contract=off
LDLIBS := -lbpf -lelf -lz -ljson-c -lyaml -lm

ifneq ($(SANITIZE),)
override CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SANITIZE)
endif

# What the BPF object is built for; the tracing headers want it.
BPF_ARCH := $(patsubst x86_64,x86,$(shell uname -m))
BPF_CFLAGS := -g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra \
	-Wno-unused-parameter -Werror -Ivmlinux -Ibpf \
	-idirafter /usr/include/$(shell $(CC) -print-multiarch)

USER_SOURCES := $(sort $(wildcard user/*/*.c))
LIB_OBJECTS := $(USER_SOURCES:%.c=$(O)/%.o)
RAPLSIM_OBJECTS := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tools/raplsim/*.c)))
BASE_OBJECTS := $(patsubst %.c,$(O)/%.o,$(wildcard user/base/*.c))
UNIT_TESTS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ_REPLAYS := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

.PHONY: all
all: $(O)/energytrace $(O)/raplsim

$(O)/energytrace: $(O)/user/main.o $(O)/libenergytrace.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(O)/raplsim: $(RAPLSIM_OBJECTS) $(BASE_OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

$(O)/libenergytrace.a: $(LIB_OBJECTS)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The command line of the last build: a change of flags rebuilds all.
$(O)/flags: FORCE
	@mkdir -p $(O)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(BPF_CFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(BPF_CFLAGS)' > $@

$(O)/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(O)/bpf/%.bpf.o: bpf/%.bpf.c $(O)/flags
	@mkdir -p $(@D)
	$(say) BPF $@
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(O)/bpf/%.skel.h: $(O)/bpf/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

# Only user/ledger/ may include the skeleton.
$(O)/user/ledger/load.o: $(O)/bpf/ledger.skel.h
$(O)/user/ledger/windows.o: $(O)/bpf/ledger.skel.h $(O)/bpf/windows.skel.h

# --- tests

$(O)/tests/unit/%: tests/unit/%.c $(O)/libenergytrace.a $(O)/flags
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(CPPFLAGS) -DTESTS_DIR='"tests"' $(filter-out -Wmissing-prototypes,$(CFLAGS)) \
		-MMD -MP $< $(O)/libenergytrace.a $(LDFLAGS) -lcmocka $(LDLIBS) -o $@

$(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/libenergytrace.a $(O)/flags
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(CPPFLAGS) $(filter-out -Wmissing-prototypes,$(CFLAGS)) -MMD -MP $< \
		$(O)/libenergytrace.a $(LDFLAGS) $(LDLIBS) -o $@

.PHONY: tests check
tests: all $(UNIT_TESTS) $(FUZZ_REPLAYS)

check: tests
	$(Q)BUILD=$(O) tests/run unit golden fuzz

# Libfuzzer proper; FUZZ=fuzz_record FUZZ_SECONDS=60
FUZZ ?= fuzz_record
FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz:
	@mkdir -p $(O)/fuzz/corpus/$(FUZZ:fuzz_%=%)
	$(Q)$(CLANG) $(CPPFLAGS) -std=gnu17 -g -O1 -DFUZZING_ENGINE \
		-fsanitize=fuzzer,address,undefined tests/fuzz/$(FUZZ).c \
		$(filter-out user/ledger/% user/cli/% user/counters/% \
			user/sample/collect%,$(USER_SOURCES)) user/cli/config_file.c \
		user/cli/config_sensor.c user/cli/run_config.c user/cli/run_words.c \
		-ljson-c -lyaml -lelf -lm -o $(O)/fuzz/$(FUZZ)
	$(Q)$(O)/fuzz/$(FUZZ) -max_total_time=$(FUZZ_SECONDS) -max_len=65536 \
		$(O)/fuzz/corpus/$(FUZZ:fuzz_%=%) tests/fuzz/corpus/$(FUZZ:fuzz_%=%)

# --- bench: the figures of docs/overhead.md (root). Nothing is decided by them.

BENCH_OBJECTS := $(patsubst %.c,$(O)/%.o,$(filter-out %.bpf.c,$(sort $(wildcard tests/bench/*.c))))
BENCH_ROUNDS ?= 9
BENCH_SECONDS ?= 20

$(O)/tests/bench/%.bpf.o: tests/bench/%.bpf.c $(O)/flags
	@mkdir -p $(@D)
	$(say) BPF $@
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(O)/tests/bench/%.skel.h: $(O)/tests/bench/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

$(BENCH_OBJECTS): private CPPFLAGS += -isystem $(O)/tests/bench
$(O)/tests/bench/switch.o: $(O)/tests/bench/switch.skel.h $(O)/bpf/ledger.skel.h

# ledger_open is wrapped so that a collector can be given a ledger whose kernel the bench plays.
$(O)/bench: $(BENCH_OBJECTS) $(O)/libenergytrace.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=ledger_open $^ $(LDLIBS) -o $@

# BENCH="switch tick" makes only these parts.
.PHONY: bench
bench: $(O)/bench $(O)/energytrace
	$(Q)$(O)/bench -r $(BENCH_ROUNDS) -t $(BENCH_SECONDS) $(O)/energytrace $(O)/bench.jsonl $(BENCH)

# --- stress: loads that births, deaths and switches are lost in, if in any (root; minutes; takes a CPU
# off line and on again). STRESS="fork storm" runs these, STRESS=long ten minutes of storm.

.PHONY: stress
stress: all
	$(Q)BUILD=$(O) tests/stress/stress.sh $(STRESS)

# --- vmtest: guests with other kernels, by qemu (root; minutes; downloads kernels of Debian).
# KERNELS="5.10 6.12" boots these alone, VMTESTS=ledger,units runs these parts there.

.PHONY: vmtest
vmtest: all
	$(Q)BUILD=$(O) tools/vmtest $(if $(VMTESTS),-t $(VMTESTS)) $(KERNELS)

# --- lint

# Tracked files and new ones that git does not ignore.
C_FILES = $(wildcard $(sort $(shell git ls-files -co --exclude-standard '*.c' '*.h' ':!vmlinux/*')))
CHECKED_SOURCES := user/main.c $(USER_SOURCES) $(sort $(wildcard tools/raplsim/*.c))
SHELL_FILES = $(sort $(wildcard tests/*/*.sh) \
	$(shell git grep --untracked -lE '^\#!/(usr/)?bin/(env )?(ba)?sh'))

LINTS := lint-format lint-tidy lint-cppcheck lint-shell
.PHONY: lint format $(LINTS)
lint: $(LINTS)

lint-format:
	$(say) FORMAT
	$(Q)clang-format --dry-run -Werror $(C_FILES)

# What bpftool wrote is not ours to mend.
$(O)/lint/%.skel.h: $(O)/bpf/%.skel.h
	@mkdir -p $(@D)
	$(Q){ echo '/* NOLINTBEGIN */'; cat $<; echo '/* NOLINTEND */'; } > $@

lint-tidy: $(O)/lint/ledger.skel.h $(O)/lint/windows.skel.h
	$(say) TIDY
	$(Q)printf '%s\n' $(CHECKED_SOURCES) | \
		xargs -P $(shell nproc) -I '{}' clang-tidy --quiet '{}' -- \
		-Itools/lint -isystem $(O)/lint $(CPPFLAGS) -std=gnu17 \
		2>$(O)/tidy.log || { cat $(O)/tidy.log; exit 1; }

lint-cppcheck:
	$(say) CPPCHECK
	$(Q)cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--error-exitcode=1 --inline-suppr --suppress=missingIncludeSystem \
		-D_GNU_SOURCE -DENERGYTRACE_VERSION='"x"' -Itools/lint -Iuser -Ibpf -Itools \
		$(CHECKED_SOURCES)

# Not what is wrong about functions that only a trap or another function calls by their names.
lint-shell:
	$(say) SHELL
	$(Q)shellcheck -x -e SC2119,SC2120,SC2317 $(SHELL_FILES)

format:
	$(Q)clang-format -i $(C_FILES)

.PHONY: install clean FORCE
install: all
	install -D -m 0755 $(O)/energytrace $(DESTDIR)$(PREFIX)/bin/energytrace
	install -D -m 0755 $(O)/raplsim $(DESTDIR)$(PREFIX)/bin/raplsim

clean:
	rm -rf $(O)

.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(O) -name '*.d' 2>/dev/null)
