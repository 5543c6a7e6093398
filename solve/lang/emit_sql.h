// What SQLite says of each operation, by theme: the rows that emit_sql.cc puts together.
#pragma once

#include <span>
#include <string_view>

namespace hasten::solve {

// An operation, or a step that several share, as an expression: `$1` to `$9` are its arguments, each said as often as needed.
// Where `when` is not empty, only for these last arguments ("1, 0"). In the text
//   @name(…) is another row's value, bound beside the statement's other steps and so computed once a row;
//   #name(…) is the same, in place: for each row of a loop, or only where a CASE comes to it;
//   {…}      is a loop's SELECT and FROM, beside whose tables the steps of each turn stand;
//   &1       is an argument pasted as it is written: what a loop does to its own columns.
// Absent values are NULL, which SQLite hands on as the language does. Booleans are 1, 0 or NULL; positions count from 0.
struct SqlRow {
  std::string_view name, when, text;
};
std::span<const SqlRow> SqlTexts();
std::span<const SqlRow> SqlNumbers();  // decimals are texts of digits: exact, and as they were written
std::span<const SqlRow> SqlDates();    // moments are JSON objects, with null for what is not said

}  // namespace hasten::solve
