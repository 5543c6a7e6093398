// `hasten solve`: a program from examples, found by search.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include "base/quote.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/solve_record.h"
#include "cli/solve_suite.h"
#include "cli/solve_task.h"
#include "cli/verb.h"
#include "solve/lang/emit.h"
#include "solve/lang/ops.h"
#include "solve/lang/program_json.h"
#include "solve/sygus/solve.h"
#include "solve/table/read_task.h"
#include "solve/table/solve.h"
#include "text/table.h"

namespace hasten {
namespace {

constexpr char kDetails[] =
    R"(Finds a program that turns the inputs of a table into its last column, from the rows where that is filled in,
and fills in the others. An empty cell asks; a quoted empty cell ("") is an answer. Needs no model.

TABLE is CSV, TSV or JSON Lines. A file that ends in .sl is a SyGuS problem over strings (SLIA, version 1 or 2): the
program found is printed as (define-fun …), or `infeasible` where the examples contradict each other.

A file that ends in .toml is a task: a goal in words, checks (examples, tests, commands, a score to raise or lower) and a budget.
Mutation of a program, a model (--model) or a server (--upstream) propose candidates, which are run in a jail; docs/tasks.md says
all. Every run is recorded: `hasten runs`, `hasten report ID`, `hasten replay ID`.

Examples:
  hasten solve people.csv                          # the completed table on standard output
  hasten solve people.csv -o full.csv --save p.json
  hasten solve --apply p.json more.csv             # the same program on another table
  hasten solve people.csv --emit python            # the program as code that stands alone
  hasten solve --apply p.json --emit sh            # a saved program as code; no table needed
  hasten solve task.sl --timeout 10
  hasten solve --suite FOLDER --timeout 10 --give 3 --json
  hasten solve examples/sorting_network/eight.toml # a task that needs no model
  hasten solve task.toml --upstream https://api.example.com/v1 --upstream-model NAME --dollars 0.5
  hasten solve task.toml --model model.gguf --branches 16
  hasten solve --resume 12                         # goes on where run 12 ended
)";

struct Options {
  std::string file, format, output, header, apply, save, emit, suite;
  OutputFlags out;
  LogFlags log;
  TaskFlags task;
  double timeout = 10;
  size_t give = 0;
  bool ask = false, accept = false, json = false;
};

Result<Table> ReadTableFile(const Options& o) {
  TRY(std::string bytes, ReadFile(o.file));
  TableOptions options{{}, {}, o.file};
  if (!o.format.empty()) {
    TRY(const TableFormat format, TableFormatNamed(o.format));
    options.format = format;
  }
  if (!o.header.empty()) options.header = o.header == "yes";
  auto table = ReadTable(std::move(bytes), options);
  if (!table) return Error{table.error().code, "'" + Printable(o.file) + "': " + table.error().what};
  return table;
}

solve::Budget BudgetOf(const Options& o, const Common& common) {
  solve::Budget budget;
  budget.seconds = o.timeout;
  if (common.memory_bytes) budget.memory_bytes = common.memory_bytes;
  return budget;
}

// Searches on a thread of its own, so that this one can show progress and hear Ctrl-C.
template <class Search>
auto Watched(solve::Budget budget, const Search& search) {
  std::atomic<bool> cancelled{false}, done{false};
  budget.cancelled = &cancelled;
  std::optional<decltype(search(budget))> result;
  {
    const Interrupt interrupt;
    Progress progress("searching");
    const std::jthread worker([&] {
      result.emplace(search(budget));
      done = true;
    });
    for (auto pause = std::chrono::microseconds(100); !done; pause = std::min(2 * pause, std::chrono::microseconds(50000))) {
      std::this_thread::sleep_for(pause);
      if (Interrupt::Requested()) cancelled = true;
      progress.Set(budget.Elapsed() / budget.seconds, HumanSeconds(budget.Elapsed()));
    }
  }
  return *std::move(result);
}

std::string SettingsOf(const Options& o) {
  nlohmann::ordered_json settings = {{"timeout", o.timeout}};
  if (o.give) settings["give"] = o.give;
  if (!o.format.empty()) settings["format"] = o.format;
  if (!o.output.empty()) settings["output"] = o.output;
  if (!o.header.empty()) settings["header"] = o.header;
  return settings.dump();
}

Result<Exit> SolveSygusFile(const Options& o, const Common& common) {
  TRY(auto log, o.log.Open());
  TRY(const std::string text, ReadFile(o.file));
  auto problem = solve::ParseSygus(text);
  if (!problem) return Error{problem.error().code, "'" + Printable(o.file) + "': " + problem.error().what};
  const solve::SygusAnswer answer =
      Watched(BudgetOf(o, common), [&](const solve::Budget& budget) { return solve::SolveSygus(*problem, budget, o.give); });
  FinishedSearch search = {"sygus", o.file, SettingsOf(o), answer.seconds, answer.evaluated, problem->examples.size(), {}};
  if (answer.program) search.programs.push_back(*answer.program);
  search.cancelled = !answer.program && Interrupt::Requested();
  RecordSearch(log, search);
  if (o.json) {
    nlohmann::ordered_json line = {{"task", o.file},
                                   {"solved", answer.program.has_value()},
                                   {"seconds", answer.seconds},
                                   {"size", answer.size},
                                   {"candidates", answer.evaluated},
                                   {"program", answer.infeasible ? "infeasible" : answer.program.value_or("")}};
    PrintJson(line);
  } else if (answer.infeasible) {
    std::printf("infeasible\n");
    std::fprintf(stderr, "; lines %zu and %zu want different outputs of the same input\n", problem->contradiction->line,
                 problem->contradiction->other_line);
  } else if (answer.program) {
    std::printf("%s\n", answer.program->c_str());
  } else {
    std::fprintf(stderr, "hasten: no program found in %s, %s candidates tried; a longer --timeout may find one\n",
                 HumanSeconds(answer.seconds).c_str(), HumanCount(double(answer.evaluated)).c_str());
  }
  if (!answer.program && Interrupt::Requested()) return Exit::kCancelled;
  return answer.program ? Exit::kOk : Exit::kNo;
}

// The cells of a row that are inputs, in the table's order.
std::vector<solve::Cell> InputsOf(const std::vector<Field>& row, const std::vector<size_t>& columns) {
  std::vector<solve::Cell> cells;
  for (const size_t c : columns) cells.push_back(row[c].missing ? solve::Cell() : solve::Cell(row[c].text));
  return cells;
}

struct Filled {
  size_t filled = 0, nothing = 0;
};

// Puts the program's answers where the table asks.
Filled Fill(Table& table, const solve::Expr& program, const std::vector<size_t>& inputs, size_t output) {
  Filled count;
  for (auto& row : table.rows) {
    if (!row[output].text.empty() || row[output].quoted) continue;
    const solve::Cell answer = solve::Answer(program, InputsOf(row, inputs));
    if (answer) {
      row[output] = {*answer, table.format == TableFormat::kJsonLines || answer->empty(), false};
      ++count.filled;
    } else {
      ++count.nothing;
    }
  }
  return count;
}

// In the encoding it was read in, unless that lacks a character of an answer.
Status WriteResult(const Table& table, std::optional<FileWriter>& file) {
  std::string text = WriteTable(table);
  if (auto encoded = EncodeText(text, table.encoding)) {
    text = *std::move(encoded);
  } else {
    std::fprintf(stderr, "an answer has characters that Windows-1252, the table's encoding, lacks: written as UTF-8\n");
  }
  if (!file) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
  }
  TRY_OK(file->Write(text));
  return file->Commit();
}

// The program as code, where --emit asks for it.
Result<std::string> CodeOf(const solve::SavedProgram& program, const Options& o, const Table& table,
                           const std::vector<size_t>& inputs) {
  if (o.emit.empty()) return std::string();
  TRY(const solve::Language language, solve::LanguageNamed(o.emit));
  std::vector<std::vector<solve::Cell>> rows;
  for (const auto& row : table.rows) rows.push_back(InputsOf(row, inputs));
  return solve::Emit(program, language, rows);
}

Result<Exit> ApplyProgram(const Options& o) {
  TRY(const std::string text, ReadFile(o.apply));
  auto saved = solve::ProgramFromJson(text);
  if (!saved) return Error{saved.error().code, "'" + Printable(o.apply) + "': " + saved.error().what};
  if (o.file.empty()) {
    TRY(const std::string code, CodeOf(*saved, o, {}, {}));
    std::fwrite(code.data(), 1, code.size(), stdout);
    return Exit::kOk;
  }
  TRY(Table table, ReadTableFile(o));
  std::vector<size_t> inputs;
  for (size_t i = 0; i < saved->inputs.size(); ++i) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), saved->inputs[i]);
    if (found == table.columns.end()) {
      return Error{Code::kBadInput,
                   "'" + Printable(o.file) + "' has no column '" + Printable(saved->inputs[i]) + "', which the program reads"};
    }
    inputs.push_back(size_t(found - table.columns.begin()));
  }
  TRY(const std::string code, CodeOf(*saved, o, table, inputs));
  size_t output = size_t(std::find(table.columns.begin(), table.columns.end(), saved->output) - table.columns.begin());
  if (output == table.columns.size()) {
    table.columns.push_back(saved->output);
    for (auto& row : table.rows) row.push_back({{}, false, true});
  }
  std::optional<FileWriter> file;
  if (!o.out.path.empty()) {
    TRY(FileWriter opened, o.out.Open());
    file.emplace(std::move(opened));
  }
  const Filled count = Fill(table, saved->program, inputs, output);
  std::fwrite(code.data(), 1, code.size(), stdout);
  if (file || code.empty()) TRY_OK(WriteResult(table, file));
  if (count.nothing) std::fprintf(stderr, "%zu rows got no answer\n", count.nothing);
  return Exit::kOk;
}

// The first row to be filled on which two of the programs differ.
const solve::Row* FirstDifference(const solve::TableTask& task, const std::vector<solve::Candidate>& programs, size_t shown) {
  for (const solve::Row& row : task.rows) {
    if (row.want != solve::Row::Want::kAsk) continue;
    const solve::Cell first = solve::Answer(programs[0].program, row.cells);
    for (size_t i = 1; i < shown; ++i) {
      if (solve::Answer(programs[i].program, row.cells) != first) return &row;
    }
  }
  return nullptr;
}

std::string Shown(const solve::Cell& cell) { return cell ? "\"" + Printable(*cell, 60) + "\"" : "nothing"; }

// Shows the best three and the input on which they differ; with --ask, lets the user decide. The index of the choice.
size_t Choose(const Options& o, const solve::TableTask& task, const std::vector<solve::Candidate>& programs) {
  const size_t shown = std::min<size_t>(3, programs.size());
  const solve::Row* const row = shown > 1 ? FirstDifference(task, programs, shown) : nullptr;
  if (!row || o.accept) return 0;
  std::fprintf(stderr, "The examples allow more than one program. On row");
  for (size_t c = 0; c < row->cells.size(); ++c) std::fprintf(stderr, "%s %s", c ? "," : "", Shown(row->cells[c]).c_str());
  std::fprintf(stderr, " they give:\n");
  for (size_t i = 0; i < shown; ++i) {
    std::fprintf(stderr, "  %zu  %s\n     %s\n", i + 1, Shown(solve::Answer(programs[i].program, row->cells)).c_str(),
                 solve::Print(programs[i].program, task.columns).c_str());
  }
  if (!o.ask) {
    std::fprintf(stderr,
                 "Taken: 1. Fill in that row to decide, or choose with --ask; --accept takes the first without asking.\n");
    return 0;
  }
  std::string line;
  while (true) {
    std::fprintf(stderr, "Which one is meant (1 to %zu)? ", shown);
    if (!std::getline(std::cin, line)) return 0;
    if (line.size() == 1 && line[0] >= '1' && size_t(line[0] - '1') < shown) return size_t(line[0] - '1');
  }
}

// How many cases a program tells apart.
size_t CasesOf(const solve::Expr& program) {
  size_t conditions = 0;
  const auto count = [&](const auto& self, const solve::Expr& e) -> void {
    conditions += e.kind == solve::Expr::Kind::kOp && e.op == solve::FindOp("if");
    for (const solve::Expr& arg : e.args) self(self, arg);
  };
  count(count, program);
  return conditions + 1;
}

void Report(const Options& o, const solve::TableTask& task, const solve::TableAnswer& answer, const solve::Expr& program,
            const Filled& count) {
  FILE* const to = o.out.path.empty() ? stderr : stdout;
  std::fprintf(to, "program: %s\n", solve::Print(program, task.columns).c_str());
  std::fprintf(to, "right on all %zu rows given", answer.given);
  if (answer.held_out) std::fprintf(to, ", %zu of which the search never looked at", answer.held_out);
  std::fprintf(to, "; %zu rows filled in", count.filled);
  if (count.nothing) std::fprintf(to, ", %zu got no answer", count.nothing);
  const double rate = answer.seconds > 0 ? double(answer.tried) / answer.seconds : 0;
  std::fprintf(to, "; %s candidates in %s (%s a second)\n", HumanCount(double(answer.tried)).c_str(),
               HumanSeconds(answer.seconds).c_str(), HumanCount(rate).c_str());
  const size_t cases = CasesOf(program);
  if (cases > 1 && answer.given < 2 * cases) {
    std::fprintf(to, "It tells %zu cases apart by %zu rows, so some of it may hold by chance: fill in more rows to be sure.\n",
                 cases, answer.given);
  }
}

Result<Exit> SolveTableFile(const Options& o, const Common& common) {
  TRY(Table table, ReadTableFile(o));
  TRY(const size_t output, solve::OutputColumn(table, o.output));
  std::optional<FileWriter> file, save;
  if (!o.out.path.empty()) {
    TRY(FileWriter opened, o.out.Open());
    file.emplace(std::move(opened));
  }
  if (!o.save.empty()) {
    TRY(FileWriter opened,
        FileWriter::Create(o.save, o.out.force ? FileWriter::IfExists::kReplace : FileWriter::IfExists::kRefuse));
    save.emplace(std::move(opened));
  }
  TRY(auto log, o.log.Open());
  solve::TableTask task = solve::TaskOfTable(table, output);
  if (o.give) solve::GiveOnly(task, o.give);
  auto answer = Watched(BudgetOf(o, common), [&](const solve::Budget& budget) { return solve::SolveTable(task, budget); });
  if (!answer) return Error{answer.error().code, "'" + Printable(o.file) + "': " + answer.error().what};
  FinishedSearch search = {"table", o.file, SettingsOf(o), answer->seconds, answer->tried, answer->given, {}};
  for (const auto& found : answer->programs)
    search.programs.push_back(solve::ProgramToJson({task.columns, table.columns[output], found.program}));
  search.cancelled = answer->programs.empty() && Interrupt::Requested();
  RecordSearch(log, search);
  if (answer->programs.empty() && o.json) {
    PrintJson({{"task", o.file}, {"solved", false}, {"seconds", answer->seconds}, {"candidates", answer->tried}});
    return Interrupt::Requested() ? Exit::kCancelled : Exit::kNo;
  }
  if (answer->programs.empty()) {
    std::fprintf(stderr, "hasten: no program %s right on all %zu rows given (%s candidates in %s); %s\n",
                 answer->out_of_time ? "was found in time that is" : "is", answer->given,
                 HumanCount(double(answer->tried)).c_str(), HumanSeconds(answer->seconds).c_str(),
                 answer->out_of_time ? "give it longer with --timeout, or leave out columns that say nothing of the output"
                                     : "is one of them a slip?");
    return Interrupt::Requested() ? Exit::kCancelled : Exit::kNo;
  }
  const solve::Expr& program = answer->programs[Choose(o, task, answer->programs)].program;
  const solve::SavedProgram saved{task.columns, table.columns[output], program};
  if (save) {
    TRY_OK(save->Write(solve::ProgramToJson(saved) + "\n"));
    TRY_OK(save->Commit());
  }
  std::vector<size_t> inputs;
  for (size_t c = 0; c < table.columns.size(); ++c) {
    if (c != output) inputs.push_back(c);
  }
  const Filled count = Fill(table, program, inputs, output);
  if (o.json) {
    PrintJson({{"task", o.file},
               {"solved", true},
               {"given", answer->given},
               {"held_out", answer->held_out},
               {"filled", count.filled},
               {"nothing", count.nothing},
               {"seconds", answer->seconds},
               {"size", solve::SizeOf(program)},
               {"candidates", answer->tried},
               {"program", solve::Print(program, task.columns)}});
  } else {
    Report(o, task, *answer, program, count);
  }
  TRY(const std::string code, CodeOf(saved, o, table, inputs));
  std::fwrite(code.data(), 1, code.size(), stdout);
  if (file || (code.empty() && !o.json)) TRY_OK(WriteResult(table, file));
  return Exit::kOk;
}

Result<Exit> Solve(const Options& o, const Common& common) {
  if (!o.suite.empty()) {
    if (!o.file.empty()) return Error{Code::kBadInput, "either --suite FOLDER or one file, not both"};
    const size_t memory = common.memory_bytes ? common.memory_bytes : solve::Budget().memory_bytes * common.threads;
    return SolveSuite({o.suite, o.timeout, o.give, memory, common.threads, o.json, o.task, o.log}, common);
  }
  if (o.task.resume || o.file.ends_with(".toml") || o.file.find('#') != std::string::npos)
    return SolveTaskFile(o.file, o.task, o.out, o.log, o.json, common);
  const bool only_code = !o.apply.empty() && !o.emit.empty() && o.out.path.empty();
  if (o.file.empty() && !only_code)
    return Error{Code::kBadInput, "what is to be solved? Name a table or a .sl file, or --suite FOLDER"};
  if (!o.apply.empty()) return ApplyProgram(o);
  if (o.file.ends_with(".sl")) return SolveSygusFile(o, common);
  return SolveTableFile(o, common);
}

}  // namespace

extern const Verb kSolveVerb;
const Verb kSolveVerb = {
    "solve", "a program from examples, found by search", kDetails, [](CLI::App& app) -> VerbBody {
      const auto o = std::make_shared<Options>();
      app.add_option("FILE", o->file, "a table (CSV, TSV, JSON Lines), a SyGuS file (.sl) or a task (.toml)");
      app.add_option("--format", o->format, "how the table is written (default: guessed)")
          ->check(CLI::IsMember({"csv", "tsv", "jsonl"}))
          ->type_name("csv|tsv|jsonl");
      app.add_option("--output", o->output, "the column to fill in (default: the last)")->type_name("NAME");
      app.add_option("--header", o->header, "is the first row one of names? (default: guessed)")
          ->check(CLI::IsMember({"yes", "no"}))
          ->type_name("yes|no");
      o->out.Declare(app, "write the completed table to this file");
      app.add_option("--save", o->save, "keep the program in this file, for --apply")->type_name("FILE");
      app.add_option("--apply", o->apply, "apply this saved program to the table; with --emit, say it as code")
          ->type_name("PROGRAM.json");
      app.add_option("--emit", o->emit, "print the program as code that stands alone, instead of the table")
          ->check(CLI::IsMember({"python", "js", "sql", "excel", "sh"}))
          ->type_name("python|js|sql|excel|sh");
      app.add_option_function<double>(
             "--timeout", [o](double seconds) { o->task.seconds = o->timeout = seconds; },
             "seconds to search (default: 10; of a task what its file says)")
          ->check(CLI::Range(0.01, 1e6))
          ->type_name("S");
      app.add_flag("--ask", o->ask, "ask which program is meant when several fit");
      app.add_flag("--accept", o->accept, "take the best program without showing the others");
      app.add_option("--suite", o->suite, "solve every task below this folder")->type_name("FOLDER");
      app.add_option("--give", o->give, "show the search only the first K different rows")
          ->check(CLI::Range(size_t(1), size_t(1) << 30))
          ->type_name("K");
      app.add_flag("--json", o->json, "one JSON line a task");
      o->task.Declare(app);
      o->log.Declare(app);
      app.add_flag("--no-log", o->log.off, "keep no record of this run");
      return [o](const Common& common) { return Solve(*o, common); };
    }};

}  // namespace hasten
