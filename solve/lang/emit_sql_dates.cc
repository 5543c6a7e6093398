#include "solve/lang/emit_sql.h"

namespace hasten::solve {

std::span<const SqlRow> SqlDates() { return {}; }

}  // namespace hasten::solve
