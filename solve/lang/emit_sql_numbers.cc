#include "solve/lang/emit_sql.h"

namespace hasten::solve {

std::span<const SqlRow> SqlNumbers() {
  static constexpr SqlRow kRows[] = {
      {"less", "", "$1 < $2"},
  };
  return kRows;
}

}  // namespace hasten::solve
