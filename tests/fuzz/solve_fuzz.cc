// What `hasten solve` reads: tables, SyGuS files, saved programs, PROSE tasks. What was read can be written, and reads the same
// again.
#include <algorithm>

#include "solve/lang/program_json.h"
#include "solve/sygus/problem.h"
#include "solve/table/read_task.h"
#include "tests/fuzz/fuzz_target.h"
#include "text/table.h"

namespace hasten {
namespace {

void ExamineTable(const Table& table) {
  FUZZ_CHECK(table.rows.size() == table.lines.size());
  for (const auto& row : table.rows) FUZZ_CHECK(row.size() == table.columns.size());
  const auto output = solve::OutputColumn(table, "");
  if (output) FUZZ_CHECK(solve::TaskOfTable(table, *output).rows.size() == table.rows.size());
  if (table.format == TableFormat::kJsonLines) FUZZ_CHECK(ReadTable(WriteTable(table), {table.format, {}, {}}));
}

void ExamineProgram(const solve::SavedProgram& saved) {
  std::vector<solve::Cell> cells(saved.inputs.size(), "Ada 12 Mar 1815, 3.50");
  if (!cells.empty()) cells.back().reset();
  const auto again = solve::ProgramFromJson(solve::ProgramToJson(saved));
  FUZZ_CHECK(again);
  FUZZ_CHECK(solve::Answer(again->program, cells) == solve::Answer(saved.program, cells));
}

}  // namespace

void FuzzOne(std::span<const std::byte> input) {
  const std::string text(reinterpret_cast<const char*>(input.data()), input.size());
  if (const auto table = ReadTable(text, {})) ExamineTable(*table);
  if (const auto saved = solve::ProgramFromJson(text)) ExamineProgram(*saved);
  if (const auto problem = solve::ParseSygus(text)) FUZZ_CHECK(!problem->examples.empty());
  if (const auto task = solve::TaskOfProse(text)) FUZZ_CHECK(!task->rows.empty());
}

std::vector<std::string> FuzzSeeds() {
  return {
      "name,when,out\r\n\"Doe, \"\"J\"\"\",1 May 2020,x\nPlain;|\t,,\"\"\n",
      "a\tb\n1\t2\n",
      "{\"a\":\"x\",\"b\":1.5}\n{\"a\":null,\"c\":[1,{\"d\":2}]}\n",
      std::string("\xff\xfe"
                  "a\0,\0b\0\n\0x\0,\0\0",
                  16),
      "(set-logic SLIA)\n(synth-fun f ((s String) (n Int)) String ((T String (s \"\" (str.++ T \"-\" T) (ite B T T) (str.at T "
      "I)))\n"
      "(I Int (n 0 -1 (- 2) (+ I I))) (B Bool (true (= I I)))))\n(constraint (= (f \"a\" (- 3)) \"a\"\"b\"))\n(check-synth)",
      "(synth-fun f ((s String)) Int)(constraint (= 1 (f \"|\")))",
      R"({"inputs":["a","b"],"output":"o","program":["concat",["upper",{"input":0}],["format",["round",["number",{"input":0},1],5,0,1,"up"],2,30,1,"thousands"],)"
      R"(["part",["bucket",["moment",{"input":0},1,"day first"],90,30,90],"hh"],["slice",{"input":0},["find",{"input":0}," ",1,1],["skip",{"input":0},["at",{"input":0},-1],-2]]]})",
      R"({"Examples":[{"Input":["a",null],"Output":""},{"Input":["b","c"],"Output":null}]})",
  };
}

}  // namespace hasten
