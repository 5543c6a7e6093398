// Excel: tokens, characters, and the items of lists. Arrays run over the first 255 characters; a longer text gives nothing.
#include "solve/lang/emit_excel.h"

namespace hasten::solve {

std::span<const Saying> ExcelTokens() {
  static constexpr Saying kSayings[] = {
      {"each_row", "", "ROW($$1:$$255)"},
      {"each_character", "", "MID($1,@each_row(),1)"},
      {"short", "", "IF(LEN($1)>255,NA(),$1&\"\")"},

      // A text with another for each character: what $3 has beside the last number of $2 that is no larger than the code. Half
      // a character beyond U+FFFF has no code, but is a letter.
      {"coded", "", "LEFT(TEXTJOIN(\"\",TRUE,LOOKUP(IFERROR(UNICODE(@each_character(@short($1))),999),$2,$3)),LEN($1))"},

      // Which characters are of a kind: 0 and 1.
      {"mask", "\"digits\"", "@coded($1,{0,48,58},{0,1,0})"},
      {"mask", "\"letters\"", "@coded($1,{0,65,91,97,123,128},{0,1,0,1,0,1})"},
      {"mask", "\"upper\"", "@coded($1,{0,65,91},{0,1,0})"},
      {"mask", "\"lower\"", "@coded($1,{0,97,123,128},{0,1,0,1})"},
      {"mask", "\"word\"", "@coded($1,{0,48,58,65,91,97,123,128},{0,1,0,1,0,1,0,1})"},
      {"mask", "\"hump\"", "@mask($1,\"word\")"},
      {"mask", "\"space\"", "@coded($1,{0,9,14,32,33},{0,1,0,1,0})"},
      {"mask", "\"nonspace\"", "@coded($1,{0,9,14,32,33},{1,0,1,0,1})"},
      {"mask", "\"marks\"", "@coded($1,{0,9,14,32,33,48,58,65,91,97,123,128},{1,0,1,0,1,0,1,0,1,0,1,0})"},

      // The same with 2 where a token begins, which ends before the next 0 or 2. Behind no 2, a 1 says nothing.
      {"spans", "\"capitalised\"",
       "SUBSTITUTE(SUBSTITUTE(@coded($1,{0,65,91,97,123,128},{\"0\",\"u\",\"0\",\"1\",\"0\",\"1\"}),\"u1\",\"21\"),\"u\","
       "\"0\")"},
      {"spans", "\"hump\"", "@humps(@coded($1,{0,48,58,65,91,97,123,128},{\"_\",\"d\",\"_\",\"U\",\"_\",\"l\",\"_\",\"l\"}))"},
      {"humps", "",
       "LEFT(TEXTJOIN(\"\",TRUE,IF(@each_character($1)=\"_\",0,IF(@each_character($1)=@each_character((\"_\"&$1)),"
       "IF((@each_character($1)=\"U\")*(MID($1,@each_row()+1,1)=\"l\"),2,1),"
       "IF((@each_character($1)=\"l\")*(@each_character((\"_\"&$1))=\"U\"),1,2)))),LEN($1))"},
      {"spans", "\"number\"", ""},
      {"spans", "", "MID(SUBSTITUTE(0&@mask($1,$2),\"01\",\"02\"),2,255)"},

      {"tokens", "", "(LEN($1)-LEN(SUBSTITUTE($1,2,\"\")))"},
      {"nth", "-1", "@tokens($1)"},
      {"nth", "<0", "(@tokens($1)+1+($2))"},
      {"nth", "", "$2"},
      {"seen", "", "FIND(\"!\",SUBSTITUTE($1,2,\"!\",$2))"},
      {"begin", "", "(@seen($1,@nth($1,$2))-1)"},
      {"end", "", "(@begin($1,$2)+FIND(\"2\",SUBSTITUTE(MID($1,@begin($1,$2)+2,255)&2,0,2)))"},
      {"token", "0", "@begin(@spans($1,$2),$3)"},
      {"token", "1", "@end(@spans($1,$2),$3)"},
      {"match", "", "MID($1,@token($1,$2,$3,0)+1,@token($1,$2,$3,1)-@token($1,$2,$3,0))"},
      {"count", "", "@tokens(@spans($1,$2))"},
      {"between", "\"capitalised\" * *", ""},
      {"between", "", "@begin(@meetings(@spans($1,$2),@spans($1,$3)),$4)"},
      {"meetings", "",
       "TEXTJOIN(\"\",TRUE,IF((@each_character((0&$1))<>\"0\")*(@each_character($1)<>\"1\")*(@each_character($2)=\"2\"),2,1))"},

      {"keep", "", "TEXTJOIN(\"\",TRUE,IF(@each_character(@mask($1,$2))=\"1\",@each_character($1),\"\"))"},
      {"drop", "", "TEXTJOIN(\"\",TRUE,IF(@each_character(@mask($1,$2))=\"1\",\"\",@each_character($1)))"},
      {"without", "", "TEXTJOIN(\"\",TRUE,IF(ISNUMBER(FIND(@each_character(@short($1)),$2)),\"\",@each_character($1)))"},
      {"reverse", "", "TEXTJOIN(\"\",TRUE,IFERROR(MID($1,LEN(@short($1))+1-@each_row(),1),\"\"))"},
      {"groups", "", "TEXTJOIN($3,TRUE,MID(@short($1),(@each_row()-1)*$2+1,$2))"},
      {"initials", "",
       "IF(@count($1,$2)=0,NA(),TEXTJOIN($3,TRUE,IF(@each_character(@spans($1,$2))=\"2\",@each_character($1),\"\")))"},
      {"join", "\"space\" *", ""},
      {"join", "\"capitalised\" *", ""},
      {"join", "",
       "SUBSTITUTE(TRIM(TEXTJOIN(\"\",TRUE,IF(@each_character(@spans($1,$2))=\"0\",\" \","
       "IF(@each_character(@spans($1,$2))=\"2\",\" \",\"\")&@each_character($1)))),\" \",$3)"},

      // Runs of one kind are one letter; marks are themselves.
      {"shape", "",
       "EXACT(@runs(@kinds($1,@coded($1,{0,9,14,32,33,48,58,65,91,97,123,128},"
       "{\"_\",\" \",\"_\",\" \",\"_\",\"9\",\"_\",\"A\",\"_\",\"a\",\"_\",\"a\"}))),$2)"},
      {"kinds", "", "TEXTJOIN(\"\",TRUE,IF(@each_character($2)=\"_\",@each_character($1),@each_character($2)))"},
      {"runs", "", "TEXTJOIN(\"\",TRUE,IF(EXACT(@each_character($1),@each_character((CHAR(1)&$1))),\"\",@each_character($1)))"},

      // A list with CHAR(1) before, between and behind its items.
      {"parted", "", "(CHAR(1)&SUBSTITUTE($1,$2,CHAR(1))&CHAR(1))"},
      {"item", "", "MID($1,@nth_part($1,$2)+1,@nth_part($1,$2+1)-@nth_part($1,$2)-1)"},
      {"nth_part", "", "FIND(CHAR(2),SUBSTITUTE($1,CHAR(1),CHAR(2),$2))"},

      // What is made of up to 29 items.
      {"list", "", "IF(@count_of($1,$2)>28,NA(),@parted($1,$2))"},
      {"each_place", "", "ROW($$1:$$29)"},
      {"each_begin", "", "FIND(CHAR(2),SUBSTITUTE($1,CHAR(1),CHAR(2),$2))"},
      {"each_item", "", "MID($1,@each_begin($1,$2)+1,@each_begin($1,$2+1)-@each_begin($1,$2)-1)"},
      {"listed", "", "IF(LEN($1),MID(TEXTJOIN(\"\",TRUE,IFERROR($3,\"\")),LEN($2)+1,32767))"},
      {"items_with", "",
       "@listed(@list($1,$2),$2,IF(EXACT(LEFT(@each_item(@list($1,$2),@each_place()),LEN($3)),$3),"
       "$2&@each_item(@list($1,$2),@each_place()),\"\"))"},
      {"items", "\"reversed\"", "@listed(@list($1,$2),$2,$2&@each_item(@list($1,$2),@count_of($1,$2)+2-@each_place()))"},
      {"items", "\"unique\"",
       "@listed(@list($1,$2),$2,IF(FIND(CHAR(1)&@each_item(@spelled(@list($1,$2)),@each_place())&CHAR(1),@spelled(@list($1,$2))"
       ")"
       "=@each_begin(@spelled(@list($1,$2)),@each_place()),$2&@each_item(@list($1,$2),@each_place()),\"\"))"},
      {"items", "\"sorted\"",
       "@listed(@list($1,$2),$2,$2&@each_item(@list($1,$2),FIND(CHAR(64+@each_place()),@ranks(@spelled(@list($1,$2))))))"},
      {"items", "\"sorted down\"",
       "@listed(@list($1,$2),$2,$2&@each_item(@list($1,$2),FIND(CHAR(94-@each_place()),@ranks(@spelled(@list($1,$2))))))"},

      // The items as hexadecimal codes: Excel's own order knows languages, and no capitals. Their ranks are letters from A.
      {"spelled", "",
       "TEXTJOIN(\"\",TRUE,IF(@each_character(@short($1))=CHAR(1),CHAR(1),IFERROR(DEC2HEX(UNICODE(@each_character($1)),5),\"\")"
       "))"},
      {"each_key", "", "IFERROR(@each_item($1,@each_place()),\"Z\")"},
      {"ranks", "",
       "TEXTJOIN(\"\",TRUE,CHAR(65+MMULT((@each_key($1)>TRANSPOSE(@each_key($1)))+(@each_key($1)=TRANSPOSE(@each_key($1)))*"
       "(@each_place()>TRANSPOSE(@each_place())),@each_place()^0)))"},

      // $2: the letter below each accent, from U+00C0.
      {"plain", "",
       "TEXTJOIN(\"\",TRUE,IFERROR(IF(@each_base($1,$2)=\"?\",@each_character(@short($1)),@each_base($1,$2)),@each_character($"
       "1)))"},
      {"each_base", "", "MID($2,IF(UNICODE(@each_character($1))<384,UNICODE(@each_character($1))-191,0),1)"},

      {"look_up", "* * *", "MID(INDEX($3,MATCH(TRUE,EXACT(\"_\"&LOWER($1),$2),0)),2,99)"},
  };
  return kSayings;
}

}  // namespace hasten::solve
