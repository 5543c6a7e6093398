// Small edits of programs: what people get wrong is among them, and the likely comes first.
#include "solve/propose/edits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace hasten::solve {
namespace {

// Where `wanted` stands among the edits of `program`; -1: nowhere.
long RankOf(const std::string& program, const std::string& wanted, const char* language) {
  const auto edits = SmallEdits(program, language);
  for (size_t i = 0; i < edits.size(); ++i)
    if (Applied(program, edits[i]) == wanted) return long(i);
  return -1;
}

struct Case {
  const char *what, *program, *wanted;
  long within;  // of how many edits
};

constexpr Case kPython[] = {
    {"operator", "def f(a, b):\n    return a + b\n", "def f(a, b):\n    return a - b\n", 40},
    {"comparison", "def f(a, b):\n    return a < b\n", "def f(a, b):\n    return a <= b\n", 40},
    {"comparison and number", "def f(a):\n    if len(a) == 0:\n        return a\n",
     "def f(a):\n    if len(a) <= 1:\n        return a\n", 80},
    {"off by one", "def f(n):\n    return list(range(0, n))\n", "def f(n):\n    return list(range(0, n + 1))\n", 60},
    {"off by one, behind a call", "def f(a):\n    return (len(a)) * [0]\n", "def f(a):\n    return (len(a) - 1) * [0]\n", 90},
    {"number", "def f(n):\n    return n % 2 == 1\n", "def f(n):\n    return n % 2 == 0\n", 40},
    {"arguments swapped", "def f(a, b):\n    return f(a % b, b)\n", "def f(a, b):\n    return f(b, a % b)\n", 40},
    {"index swapped", "def f(d, i, j):\n    return d[i, j]\n", "def f(d, i, j):\n    return d[j, i]\n", 40},
    {"operands swapped", "def f(s, t):\n    return s[0] + g(t)\n", "def f(s, t):\n    return g(t) + s[0]\n", 60},
    {"term left over", "def f(s):\n    return 1 + f(s[1:])\n", "def f(s):\n    return f(s[1:])\n", 60},
    {"wrong variable", "def f(a, b):\n    c = a\n    return b\n", "def f(a, b):\n    c = a\n    return c\n", 60},
    {"wrong attribute", "def f(n):\n    n.left = 1\n    return n.right\n", "def f(n):\n    n.left = 1\n    return n.left\n",
     60},
    {"call left over", "def f(x):\n    yield f(x)\n", "def f(x):\n    yield x\n", 40},
    {"a part of it", "def f(a, k):\n    for x in a:\n        g(x)\n", "def f(a, k):\n    for x in a[k:]:\n        g(x)\n", 300},
    {"less a variable", "def f(a, k, n):\n    return f(a, k)\n", "def f(a, k, n):\n    return f(a, k - n)\n", 200},
    {"word", "def f(a):\n    return any(x > 0 for x in a)\n", "def f(a):\n    return all(x > 0 for x in a)\n", 40},
    {"endless loop", "def f(q):\n    while True:\n        q.pop()\n", "def f(q):\n    while q:\n        q.pop()\n", 60},
    {"missing None", "def f(n):\n    if n.next is None:\n        return 1\n",
     "def f(n):\n    if n is None or n.next is None:\n        return 1\n", 100},
    {"condition too weak", "def f(t, c):\n    if t < 0:\n        return 0\n    g(c)\n",
     "def f(t, c):\n    if t < 0 or not c:\n        return 0\n    g(c)\n", 200},
    {"missing maximum", "def f(a):\n    m = 0\n    for x in a:\n        m = x + 1\n    return m\n",
     "def f(a):\n    m = 0\n    for x in a:\n        m = max(m, x + 1)\n    return m\n", 200},
    {"empty instead of one", "def f(n):\n    if n == 1:\n        return []\n    return g(n)\n",
     "def f(n):\n    if n == 1:\n        return [n]\n    return g(n)\n", 90},
    {"truth instead of a test", "def f(a):\n    d = g(a)\n    return True\n", "def f(a):\n    d = g(a)\n    return d == 0\n",
     90},
    {"forgotten statement", "def f(a):\n    s = set()\n    for x in a:\n        g(s, x)\n    return s\n",
     "def f(a):\n    s = set()\n    for x in a:\n        g(s, x)\n        s.add(x)\n    return s\n", 500},
    {"forgotten assignment",
     "def f(n):\n    p = None\n    while n:\n        m = n.next\n        n.next = p\n        n = m\n    return p\n",
     "def f(n):\n    p = None\n    while n:\n        m = n.next\n        n.next = p\n        p = n\n        n = m\n    return "
     "p\n",
     1200},
    {"forgotten end of a block", "def f(a):\n    r = []\n    for x in a:\n        r.append(x)\n        return r\n",
     "def f(a):\n    r = []\n    for x in a:\n        r.append(x)\n    return r\n", 300},
    {"forgotten case", "def f(a):\n    return a[0] + f(a[1:])\n",
     "def f(a):\n    if not a:\n        return 0\n    return a[0] + f(a[1:])\n", 400},
    {"update instead of assignment", "def f(d, k, v):\n    d[k].update(v)\n", "def f(d, k, v):\n    d[k] = v\n", 200},
    {"lines in the wrong order", "def f(a):\n    b = a\n    a = 0\n    return b\n",
     "def f(a):\n    a = 0\n    b = a\n    return b\n", 120},
};

TEST(SmallEdits, WhatPeopleGetWrongIsAmongThem) {
  for (const Case& c : kPython) {
    const long rank = RankOf(c.program, c.wanted, "python");
    EXPECT_GE(rank, 0) << c.what;
    EXPECT_LT(rank, c.within) << c.what;
  }
}

TEST(SmallEdits, OtherLanguagesHaveTokensToo) {
  EXPECT_GE(RankOf("int f(int a, int b) { return a < b; }\n", "int f(int a, int b) { return a <= b; }\n", "c"), 0);
  EXPECT_GE(RankOf("function f(a, n) return f(n, a) end\n", "function f(a, n) return f(a, n) end\n", "lua"), 0);
  // No statement of Python's is put into them.
  for (const Edit& edit : SmallEdits("int f(int a) {\n  return a;\n}\n", "c"))
    EXPECT_THAT(edit.text, ::testing::Not(::testing::HasSubstr("None")));
}

TEST(SmallEdits, EachProgramOnceAndTheLikelyFirst) {
  const std::string program = kPython[23].program;
  const auto edits = SmallEdits(program, "python");
  std::set<std::string> seen = {program};
  int cost = 0;
  for (const Edit& edit : edits) {
    EXPECT_TRUE(seen.insert(Applied(program, edit)).second) << edit.text;
    EXPECT_GE(edit.cost, cost);
    cost = edit.cost;
  }
  EXPECT_GT(edits.size(), 300u);
}

TEST(SmallEdits, AnyBytesWillDo) {
  for (const std::string& program :
       {std::string(), std::string("\n\n"), std::string("((([["), std::string("))]]"), std::string("def"), std::string("x = ("),
        std::string("\xff\xfe.("), std::string("if :\nwhile x:\n  return\n}"), std::string("'''"), std::string(30000, 'x'),
        std::string(500, '(') + std::string(500, ')'), std::string("a.b.c(d)[e](f).g = h(i\n"), std::string("return \\\n  x")})
    for (const char* language : {"python", "c", "text"})
      for (const Edit& edit : SmallEdits(program, language)) {
        ASSERT_LE(edit.begin, edit.end);
        ASSERT_LE(edit.end, program.size());
      }
}

}  // namespace
}  // namespace hasten::solve
