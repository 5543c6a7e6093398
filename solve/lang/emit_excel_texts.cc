// Excel: texts, places in them, conditions.
#include "solve/lang/emit_excel.h"

namespace hasten::solve {

// Absent values are errors, which Excel hands on until IFERROR. MID counts from 1. PROPER begins a word behind an apostrophe or
// a digit too.
std::span<const Saying> ExcelTexts() {
  static constexpr Saying kSayings[] = {
      {"slice", "", "MID($1,$2+1,$3-($2))"},
      {"at", "0", "0"},
      {"at", "-1", "LEN($1)"},
      {"at", "", "IF(ABS($2)>LEN($1)+($2<0),NA(),$2+($2<0)*(LEN($1)+1))"},
      {"skip", "", "IF(ABS(2*($2+($3))-LEN($1))>LEN($1),NA(),$2+($3))"},
      {"instance", "1", "FIND($2,$1)"},
      {"instance", "", "FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),$3))"},
      {"from_right", "-1", "@count_of($1,$2)"},
      {"from_right", "", "(@count_of($1,$2)+1+($3))"},
      {"find", "<0 *", "@find($1,$2,@from_right($1,$2,$3),$4)"},
      {"find", "0", "(@instance($1,$2,$3)-1)"},
      {"find", "1", "(@instance($1,$2,$3)-1+LEN($2))"},
      {"field", "1", "IFERROR(LEFT($1,FIND($2,$1)-1),$1&\"\")"},
      {"field", "2",
       "MID($1,FIND($2,$1)+LEN($2),IFERROR(FIND(CHAR(1),SUBSTITUTE($1,$2,CHAR(1),2)),LEN($1)+1)-FIND($2,$1)-LEN($2))"},
      {"field", "-1", "IFERROR(MID($1,@find($1,$2,-1,1)+1,LEN($1)),$1&\"\")"},
      {"field", "<0", "@item(@parted($1,$2),(@count_of($1,$2)+2+($3)))"},
      {"field", ">0", "@item(@parted($1,$2),$3)"},
      {"lower", "", "LOWER($1)"},
      {"upper", "", "UPPER($1)"},
      {"title", "", "PROPER($1)"},
      {"capital", "", "(UPPER(LEFT($1,1))&LOWER(MID($1,2,LEN($1))))"},
      {"trim", "",
       "IF(@squeeze($1)=\"\",\"\",MID($1,FIND(LEFT(@squeeze($1),1),$1),FIND(CHAR(1),SUBSTITUTE($1,RIGHT(@squeeze($1),1),CHAR(1)"
       ","
       "LEN($1)-LEN(SUBSTITUTE($1,RIGHT(@squeeze($1),1),\"\"))))-FIND(LEFT(@squeeze($1),1),$1)+1))"},
      {"squeeze", "",
       "TRIM(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE($1,CHAR(9),\" \"),CHAR(10),\" \"),CHAR(11),\" \"),"
       "CHAR(12),\" \"),CHAR(13),\" \"))"},
      {"replace", "", "SUBSTITUTE($1,$2,$3)"},
      {"pad_left", "", "(REPT($3,MAX(0,$2-LEN($1)))&$1)"},
      {"pad_right", "", "($1&REPT($3,MAX(0,$2-LEN($1))))"},
      {"signed", "", "IF($1=\"\",NA(),IF(LEFT($1)=\"-\",\"\",\"+\")&$1)"},
      {"if", "", "IF(IFERROR($1,FALSE),$2,$3)", "IF(IFERROR($1,FALSE),%2,%3)"},
      {"first", "", "IFERROR($1,$2)", "IF(ISERROR($1),%2,%1)"},
      {"nothing", "", "NA()"},
      {"is_nothing", "", "ISERROR($1)"},
      {"not", "", "NOT(IFERROR($1,FALSE))"},
      {"contains", "", "ISNUMBER(FIND($2,$1))"},
      {"starts", "", "EXACT(LEFT($1,LEN($2)),$2)"},
      {"ends", "", "EXACT(RIGHT($1,LEN($2)),$2)"},
      {"equals", "", "EXACT($1,$2)"},
      {"empty", "", "IFERROR(@squeeze($1)=\"\",TRUE)"},
      {"length", "", "LEN($1)"},
      {"count_of", "", "((LEN($1)-LEN(SUBSTITUTE($1,$2,\"\")))/LEN($2))"},
  };
  return kSayings;
}

}  // namespace hasten::solve
