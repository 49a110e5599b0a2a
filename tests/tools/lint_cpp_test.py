#!/usr/bin/python3
"""tools/lint: every check of C++ sources is shown to fail on what it forbids and to pass what only looks alike."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from linting import banned, floors, scopes, sizes, state  # noqa: E402
from linting.source import Source, without_literals  # noqa: E402


def lines_found(check, text: str, path: str = "src/session/x.cc") -> list[int]:
    return [finding.line for finding in check(Source(path, text))]


def body(lines: int) -> str:
    return "  step();\n" * lines


class Literals(unittest.TestCase):
    def test_comments_and_strings_are_blanked_in_place(self):
        text = 'a("x // \\" y"); // throw\nb(/* { */ \'"\', 1\'000\'000);'
        code = without_literals(text)
        self.assertEqual(len(code), len(text))
        for word in ("x", "throw", "{"):
            self.assertNotIn(word, code)
        self.assertIn("1'000'000", code)

    def test_raw_strings_end_at_their_fence(self):
        self.assertEqual(without_literals('R"x(a)" { )x" }').replace(" ", ""), '""}')

    def test_a_comment_may_go_on_after_a_backslash(self):
        self.assertEqual(without_literals("// a \\\n b {\n}").strip(), "}")


class Floors(unittest.TestCase):
    def judge(self, path: str, include: str) -> list[int]:
        return lines_found(floors.check, f"// essay\n#include {include}\n", path)

    def test_upwards_is_an_error(self):
        self.assertEqual(self.judge("src/base/a.h", '"ds/table.h"'), [2])
        self.assertEqual(self.judge("src/store/a.cc", '"session/client.h"'), [2])
        self.assertEqual(self.judge("src/cmd/string/a.cc", '"server/server.h"'), [2])

    def test_downwards_is_fine(self):
        self.assertEqual(self.judge("src/cmd/a.cc", '"store/keyspace.h"'), [])
        self.assertEqual(self.judge("src/server/a.cc", '"net/listener.h"'), [])
        self.assertEqual(self.judge("src/cmd/string/a.cc", '"cmd/string/b.h"'), [])

    def test_strangers_on_one_floor(self):
        self.assertEqual(self.judge("src/io/a.cc", '"resp/parser.h"'), [2])
        self.assertEqual(self.judge("src/cmd/a.cc", '"net/listener.h"'), [2])
        self.assertEqual(self.judge("src/script/a.cc", '"cmd/string.h"'), [2])

    def test_net_never_sees_the_store_and_persist_not_the_network(self):
        self.assertEqual(self.judge("src/net/a.cc", '"store/keyspace.h"'), [2])
        self.assertEqual(self.judge("persist/a.cc", '"torc/net/listener.h"'), [2])

    def test_trees_meet_in_contract_headers(self):
        self.assertEqual(self.judge("persist/a.cc", '"store/keyspace.h"'), [2])
        self.assertEqual(self.judge("persist/a.cc", '"torc/store/keyspace.h"'), [])
        self.assertEqual(self.judge("repl/a.cc", '"torc/persist/rdb.h"'), [])
        self.assertEqual(self.judge("persist/a.cc", '"torc/repl/link.h"'), [2])

    def test_contracts_are_judged_by_the_folder_they_are_named_after(self):
        self.assertEqual(self.judge("include/torc/store/a.h", '"torc/session/client.h"'), [2])
        self.assertEqual(self.judge("include/torc/session/a.h", '"torc/store/entry.h"'), [])

    def test_quoted_includes_name_a_folder(self):
        self.assertEqual(self.judge("src/ds/a.cc", '"table.h"'), [2])
        self.assertEqual(self.judge("src/ds/a.cc", "<vector>"), [])
        self.assertEqual(self.judge("src/ds/a.cc", "<session/client.h>"), [2])

    def test_unknown_folder(self):
        self.assertEqual(lines_found(floors.check, "", "src/misc/a.cc"), [1])

    def test_commented_includes_and_tests_do_not_count(self):
        self.assertEqual(self.judge("src/base/a.h", '<string>\n// #include "ds/table.h"'), [])
        self.assertEqual(self.judge("tests/unit/base/a.cc", '"server/server.h"'), [])


class Sizes(unittest.TestCase):
    def test_a_function_may_have_70_lines(self):
        self.assertEqual(lines_found(sizes.check, "void f() {\n" + body(68) + "}\n"), [])
        self.assertEqual(lines_found(sizes.check, "void f() {\n" + body(69) + "}\n"), [1])

    def test_the_signature_counts(self):
        text = "// comment\ntemplate <typename T = int>\nvoid Foo<T>::f(\n    int a = 5) const noexcept {\n"
        self.assertEqual(lines_found(sizes.check, text + body(66) + "}\n"), [])
        self.assertEqual(lines_found(sizes.check, text + body(67) + "}\n"), [2])

    def test_members_of_nested_types_in_namespaces(self):
        text = "namespace a::b {\nnamespace {\nclass X final : public Y<int> {\n public:\n  struct Z {\n    int f() {\n"
        self.assertEqual(lines_found(sizes.check, text + body(70) + "    }\n  };\n};\n}\n}\n"), [6])

    def test_types_and_namespaces_are_no_functions(self):
        text = "namespace a {\nstruct alignas(64) [[nodiscard]] X {\n" + "  int a;\n" * 200 + "};\n}\n"
        self.assertEqual(lines_found(sizes.check, text), [])

    def test_constructors_with_initialiser_lists(self):
        text = "X::X(int a) : a_{a}, b_(a), c_{f({1, 2})} {\n"
        self.assertEqual(lines_found(sizes.check, text + body(70) + "}\n"), [1])
        self.assertEqual(lines_found(sizes.check, text + body(68) + "}\nint g() {\n" + body(68) + "}\n"), [])

    def test_operators(self):
        for name in ("operator=(const X& x)", "operator()(int)", "operator==(X) const"):
            self.assertEqual(lines_found(sizes.check, f"bool X::{name} {{\n" + body(70) + "}\n"), [1], name)

    def test_tables_are_data_but_lambdas_in_them_are_functions(self):
        rows = "  {1, 2},\n" * 200
        self.assertEqual(lines_found(sizes.check, "constexpr Row rows[] = {\n" + rows + "};\n"), [])
        lambda_row = "  {1, [](int a) -> std::vector<int> {\n" + body(70) + "  }},\n"
        self.assertEqual(lines_found(sizes.check, "const Row rows[] = {\n" + rows + lambda_row + "};\n"), [202])
        self.assertEqual(lines_found(sizes.check, "auto f = [] {\n" + body(70) + "};\n"), [1])
        self.assertEqual(lines_found(sizes.check, "const int x = g([&](auto y) mutable {\n" + body(70) + "});\n"), [1])

    def test_test_macros(self):
        self.assertEqual(lines_found(sizes.check, "TEST(Suite, Case) {\n" + body(70) + "}\n"), [1])

    def test_macros_count(self):
        text = "#define X \\\n" + "  step(); \\\n" * 70 + "  end()\n"
        self.assertEqual(lines_found(sizes.check, text), [1])

    def test_requires_clauses(self):
        text = "template <class T>\nvoid f(T t)\n  requires requires(T u) { u.x(); }\n{\n"
        self.assertEqual(lines_found(sizes.check, text + body(70) + "}\n"), [1])

    def test_unbalanced_brackets_are_said(self):
        self.assertEqual(lines_found(sizes.check, "void f() {\n  if (x) {\n}\n"), [1])
        self.assertEqual(lines_found(sizes.check, "void f() {\n  g(];\n}\n"), [2])

    def test_names(self):
        text = "int X::g(int) {}\nauto h = [](int) {};\n[[nodiscard]] int k() { return 1; }\n"
        names = [name for _, _, name in scopes.functions_of(Source("a.cc", text))]
        self.assertEqual(names, ["g", "lambda", "k"])


class State(unittest.TestCase):
    def bad(self, text: str, path: str = "src/session/x.cc") -> int:
        return len(lines_found(state.check, text, path))

    def test_globals(self):
        for text in ("int count;", "static int count = 0;", "namespace a { std::atomic<int> count{0}; }",
                     "inline std::string name;", "extern int count;", "const char* name = \"\";", "int X::count = 0;",
                     "const char* const* names[] = {};", "struct { int a; } one;", "constinit int x = 3;"):
            self.assertEqual(self.bad(text), 1, text)

    def test_constants(self):
        for text in ("constexpr int a = 1;", "const int a = 1;", "inline constexpr const char* a = \"\";",
                     "const char* const a = \"\";", "const std::array<char*, 3> a = {};",
                     "static const Row rows[] = {};"):
            self.assertEqual(self.bad(text), 0, text)

    def test_what_is_no_variable(self):
        for text in ("using A = int;", "int f(int x = 1);", "class X;", "enum class E : int { a, b };",
                     "struct S { int a; };", "template <class T> concept C = requires(T t) { t.x(); };",
                     "namespace a = b::c;",
                     "static_assert(sizeof(int) == 4, \"\");", "X& X::operator=(const X&) = default;",
                     "template class Table<int>;", "extern \"C\" int f();", "[[nodiscard]] std::vector<int> f();"):
            self.assertEqual(self.bad(text), 0, text)

    def test_members(self):
        self.assertEqual(self.bad("class X { int a_ = 0; static constexpr int b = 1; static int f(); };"), 0)
        self.assertEqual(self.bad("class X { static inline int a = 0; };"), 1)
        self.assertEqual(self.bad("class X { static int a; static const int b; };"), 1)

    def test_locals(self):
        self.assertEqual(self.bad("int f() { static int calls = 0; return ++calls; }"), 1)
        self.assertEqual(self.bad("int f() { static std::map<int, int> cache; return cache[1]; }"), 1)
        self.assertEqual(self.bad("int f() { static Foo x(1); return 1; }"), 1)
        self.assertEqual(self.bad("int f() { static const Foo x(1); static constexpr int a[] = {1}; return 1; }"), 0)
        self.assertEqual(self.bad("int f() { struct L { static int g(int) { return 1; } }; return L::g(1); }"), 0)
        self.assertEqual(self.bad("static int f() { return static_cast<int>(1); }"), 0)

    def test_base_and_tests_may(self):
        self.assertEqual(self.bad("int count;", "src/base/memory.cc"), 0)
        self.assertEqual(self.bad("int count;", "tests/unit/base/memory_test.cc"), 0)
        self.assertEqual(self.bad("int count;", "src/io/ring.cc"), 1)


class Banned(unittest.TestCase):
    def bad(self, text: str, path: str = "src/session/x.cc") -> int:
        return len(lines_found(banned.check, text, path))

    def test_calls(self):
        for text in ("f(read(fd, b, n));", "::close(fd);", "std::malloc(4);", "return time(nullptr);", "x = rand();",
                     "printf(\"x\");", "if (a && fork() == 0) {}", "std::system(\"ls\");", "::std::exit(1);",
                     "int x = open(p, 0);", "std::remove(p.c_str()), ::remove(p);", "dlopen (p, 1);"):
            self.assertEqual(self.bad(f"void g() {{ {text} }}"), 1, text)

    def test_what_only_looks_alike(self):
        for text in ("ring.read(fd);", "ring->write(fd);", "File::open(p);", "a::b::send(x);", "x.y().close();",
                     "Table<int>::free(x);", "reader(x);", "my_read(x);", "// read(fd)", "f(\"read(fd)\");"):
            self.assertEqual(self.bad(f"void g() {{ {text} }}"), 0, text)

    def test_own_names_hide_the_library(self):
        for text in ("struct R { void read(int); void g() { read(1); } };", "bool Ring::send(int) { return send(2); }",
                     "std::string& open(int);\nvoid g() { open(1); }", "void g(Fn send) { send(1); }",
                     "Foo* accept(int); std::vector<int> poll(int);"):
            self.assertEqual(self.bad(text), 0, text)
        self.assertEqual(self.bad("struct R { void read(int); void g() { ::read(1); } };"), 1)

    def test_words(self):
        for text in ("throw 1;", "thread_local int x;", "delete x;", "delete[] x;", "auto* p = new char[9];"):
            self.assertEqual(self.bad(f"void g() {{ {text} }}"), 1, text)
        for text in ("X(const X&) = delete;", "new (place) Foo(1);", "void f() { delete this; }",
                     "#include <new>", "void operator delete(void*);", "int new_size = 1;", "x.throw_away();"):
            self.assertEqual(self.bad(text), 0, text)

    def test_packed_memory_is_freed_by_hand(self):
        self.assertEqual(self.bad("void g() { delete x; }", "src/ds/table.cc"), 0)
        self.assertEqual(self.bad("void g() { throw x; }", "src/ds/table.cc"), 1)

    def test_time(self):
        self.assertEqual(self.bad("auto t = std::chrono::steady_clock::now();"), 1)

    def test_includes(self):
        self.assertEqual(self.bad("#include <unistd.h>\n#include <sys/socket.h>\n#include <linux/io_uring.h>\n"), 3)
        self.assertEqual(self.bad("#include <vector>\n#include <cstring>\n#include <sys/uio.h>\n"), 0)

    def test_io_base_and_tests_may(self):
        for path in ("src/io/a.cc", "src/base/a.cc", "tests/unit/io/a.cc", "bench/a.cc"):
            self.assertEqual(self.bad("#include <unistd.h>\nvoid f() { ::read(1, b, 2); throw 1; }", path), 0, path)
        self.assertEqual(self.bad("void f() { ::read(1, b, 2); }", "persist/rdb/a.cc"), 1)
        self.assertEqual(self.bad("inline void f() { ::read(1, b, 2); }", "include/torc/store/a.h"), 1)


if __name__ == "__main__":
    unittest.main()
