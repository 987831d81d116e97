#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A receiver of reports that does what receivers do: powerapi_receiver.py PORT FILE

Listens on the port (0: any; it says which), adds each whole line that it gets to the file, and does what it reads
on its standard input:

  pause         does not read any more; resume goes on
  cut           reads on to the middle of a line and closes the connection there
  lines N       says so once the file has N lines
  end           leaves

It says "port N", "connected", "closed" (by the other end), "cut", "lines N" on its standard output.
"""

import os
import selectors
import socket
import sys


class Receiver:
    def __init__(self, port, path):
        self.file = open(path, "ab")
        self.lines, self.wanted = 0, None
        self.part = b""
        self.cutting = False
        self.connection = None
        self.selector = selectors.DefaultSelector()
        self.listening = socket.create_server(("127.0.0.1", port))
        self.selector.register(self.listening, selectors.EVENT_READ, self.accept)
        self.selector.register(sys.stdin, selectors.EVENT_READ, self.take_word)
        self.words = b""
        say("port", self.listening.getsockname()[1])

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if self.selector.get_map() and key.fileobj in self.selector.get_map():
                    key.data()

    def accept(self):
        if self.connection:
            self.hang_up()  # the old one is dead, or there would be no new one
        self.connection, _ = self.listening.accept()
        self.part = b""
        self.selector.register(self.connection, selectors.EVENT_READ, self.read)
        say("connected")

    def hang_up(self):
        if self.connection in self.selector.get_map():
            self.selector.unregister(self.connection)
        self.connection.close()
        self.connection = None

    def read(self):
        # Little at a time: there is more behind it when a line is cut.
        data = self.connection.recv(100 if self.cutting else 65536)
        if not data:
            self.hang_up()
            say("closed")
            return
        *lines, self.part = (self.part + data).split(b"\n")
        for line in lines:
            self.file.write(line + b"\n")
        self.file.flush()
        self.lines += len(lines)
        self.say_lines()
        if self.cutting and self.part:
            self.cutting = False
            self.hang_up()
            say("cut")

    def say_lines(self):
        if self.wanted is not None and self.lines >= self.wanted:
            say("lines", self.lines)
            self.wanted = None

    def take_word(self):
        data = os.read(0, 4096)
        if not data:
            sys.exit(0)
        *words, self.words = (self.words + data).split(b"\n")
        for word in words:
            word, *number = word.decode().split()
            if word == "pause":
                self.selector.unregister(self.connection)
            elif word == "resume":
                self.selector.register(self.connection, selectors.EVENT_READ, self.read)
            elif word == "cut":
                self.cutting = True
            elif word == "lines":
                self.wanted = int(number[0])
                self.say_lines()
            elif word == "end":
                sys.exit(0)


def say(*words):
    print(*words, flush=True)


if __name__ == "__main__":
    Receiver(int(sys.argv[1]), sys.argv[2]).run()
