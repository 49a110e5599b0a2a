#!/usr/bin/python3
"""tools/lint: the checks of plain text, of Python, of headers and objects, and the walk over the tree."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from linting import main, objects, sizes, text  # noqa: E402
from linting.headers import HeaderCheck  # noqa: E402
from linting.source import Source  # noqa: E402

ESSAY = "// What this file is there for, and why it is done in this way.\n"


def messages(check, content: str, path: str = "src/ds/a.cc") -> list[str]:
    return [f"{finding.line}: {finding.message}" for finding in check(Source(path, content))]


class Text(unittest.TestCase):
    def expect(self, content: str, fragment: str, path: str = "src/ds/a.cc"):
        found = messages(text.check, content, path)
        self.assertEqual(len(found), 1, found)
        self.assertIn(fragment, found[0])

    def test_a_clean_file(self):
        self.assertEqual(messages(text.check, ESSAY + "int f();\n"), [])

    def test_columns(self):
        self.expect(ESSAY + "x" * 121 + "\n", "2: line of 121 columns")
        self.assertEqual(messages(text.check, ESSAY + "é" * 120 + "\n"), [])
        self.assertEqual(messages(text.check, "x" * 300, "docs/a.md"), [])

    def test_file_length(self):
        self.assertEqual(messages(text.check, ESSAY + "int f();\n" * 799), [])
        self.expect(ESSAY + "int f();\n" * 800, "801: file of 801 lines")

    def test_essay(self):
        self.expect("int f();\n", "1: a file starts with a short essay")
        self.expect("// short\nint f();\n", "1: a file starts with a short essay")
        self.expect("#!/bin/bash\nset -e\n", "essay", "tools/x.sh")
        self.assertEqual(messages(text.check, "/* " + ESSAY + "*/\nint f();\n"), [])
        self.assertEqual(messages(text.check, '#!/usr/bin/python3\n"""' + ESSAY + '"""\n', "tools/x"), [])
        self.assertEqual(messages(text.check, "subdir('a')\n", "src/meson.build"), [])

    def test_pragma_once(self):
        self.expect(ESSAY + "int f();\n", "#pragma once", "src/ds/a.h")
        self.assertEqual(messages(text.check, ESSAY + "#pragma once\n", "src/ds/a.h"), [])

    def test_notes(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X"):
            self.expect(ESSAY + f"// {word}: later\n", "note")
        self.assertEqual(messages(text.check, ESSAY + "// TODOS and XXXL are other words\n"), [])

    def test_machine_paths(self):
        for path in ("/wo" "rk/main", "/o" "pt/x", "/ro" "ot/", "/tm" "p/b-base", "/ho" "me/me"):
            self.expect(ESSAY + f'f("{path}");\n', "path of one machine")
            self.expect(f"see {path}\n", "path of one machine", "docs/a.md")
        for path in ("/usr/bin/python3", "/tmp/x", "src/work/a", "$x/root", "a/home", "/workers"):
            self.assertEqual(messages(text.check, ESSAY + f'f("{path}");\n'), [], path)


class PythonSizes(unittest.TestCase):
    def test_functions(self):
        long = "def f():\n" + "    x = 1\n" * 70
        self.assertEqual(messages(sizes.check, long, "a.py"), ["1: f has 71 lines (at most 70)"])
        self.assertEqual(messages(sizes.check, "def f():\n" + "    x = 1\n" * 69, "a.py"), [])
        method = "class A:\n    async def g(self):\n" + "        x = 1\n" * 70
        self.assertEqual(messages(sizes.check, "#!/usr/bin/python3\n" + method, "tools/x"),
                         ["3: g has 71 lines (at most 70)"])

    def test_syntax(self):
        self.assertIn("not valid Python", messages(sizes.check, "def f(:\n", "a.py")[0])


class Tree(unittest.TestCase):
    """A little tree on disk."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)

    def write(self, path: str, content: str) -> Source:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")
        return Source(path, content)

    def check_headers(self, *headers: Source) -> list[str]:
        return [finding.message for finding in HeaderCheck(self.root).check(list(headers))]

    def test_headers_compile_alone(self):
        good = self.write("src/ds/good.h", "#pragma once\n#include <string>\ninline std::string f() { return {}; }\n")
        bad = self.write("src/ds/bad.h", "#pragma once\nstd::string f();\n")
        warned = self.write("src/ds/warned.h", "#pragma once\ninline void f(int unused) {}\n")
        found = self.check_headers(good, bad, warned)
        self.assertEqual(len(found), 2, found)
        self.assertIn("does not compile alone", found[0])
        self.assertNotIn(str(self.root), found[0])

    def test_a_change_of_an_included_header_is_seen(self):
        inner = self.write("src/ds/inner.h", "#pragma once\nstruct Inner { int x; };\n")
        text_of_outer = '#pragma once\n#include "ds/inner.h"\ninline int f(Inner i) { return i.x; }\n'
        outer = self.write("src/ds/outer.h", text_of_outer)
        self.assertEqual(self.check_headers(inner, outer), [])
        inner = self.write("src/ds/inner.h", "#pragma once\nstruct Inner { int y; };\n")
        self.assertEqual(len(self.check_headers(inner, outer)), 1)

    def test_what_passed_is_remembered(self):
        header = self.write("src/ds/a.h", "#pragma once\n")
        check = HeaderCheck(self.root)
        self.assertEqual(list(check.check([header])), [])
        check.compile = lambda path: self.fail(f"{path} was compiled again")
        self.assertEqual(list(check.check([header])), [])

    def test_the_walk(self):
        for path in ("src/a.cc", "tools/run", "build-x/a.cc", ".git/a.py", "src/build/b.h", "data.bin",
                     "a/__pycache__/b.py"):
            self.write(path, "#!/bin/bash\n" if path == "tools/run" else "x\n")
        self.assertEqual(list(main.all_paths(self.root)), ["src/a.cc", "src/build/b.h", "tools/run"])

    def test_findings_come_sorted_from_all_checks(self):
        self.write("src/base/a.h", ESSAY + '#pragma once\n#include "ds/b.h"\n')
        self.write("src/ds/b.h", ESSAY + "#pragma once\ninline int global = 0;\ninline void f() { throw 1; }\n")
        found = main.run(self.root, list(main.all_paths(self.root)), with_headers=True)
        self.assertEqual([(finding.path, finding.line) for finding in found],
                         [("src/base/a.h", 3), ("src/ds/b.h", 3), ("src/ds/b.h", 4)])

    def test_objects(self):
        code = 'extern "C" int close(int); extern "C" void* malloc(unsigned long);\n' \
               "int f(int x) { return close(x); }\nvoid* g() { return malloc(9); }\n"
        source = self.write("a.cc", code)
        for folder in ("store", "io"):
            target = self.root / "build" / "src" / folder / "a.o"
            target.parent.mkdir(parents=True)
            subprocess.run(["g++", "-c", str(self.root / source.path), "-o", str(target)], check=True)
        found = [finding.message for finding in objects.check(self.root / "build")]
        self.assertEqual([message.split("(")[0] for message in sorted(found)],
                         ["store calls close", "store calls malloc"])

    def test_symbol_names(self):
        pairs = (("__read_chk", "read"), ("open64", "open"), ("close@GLIBC_2.2.5", "close"), ("recv", "recv"))
        for symbol, name in pairs:
            self.assertEqual(objects.plain_name(symbol), name)


if __name__ == "__main__":
    unittest.main()
