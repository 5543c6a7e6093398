// Excel: numbers. Its own are binary fractions of 15 digits: what is computed is rounded to the decimals that it has, a number
// with more digits gives nothing. What depends on the reader's settings (VALUE, TEXT, FIXED) is not used.
#include "solve/lang/emit_excel.h"

namespace hasten::solve {

std::span<const Saying> ExcelNumbers() {
  static constexpr Saying kSayings[] = {
      // A text with a blank for a digit, s for a sign, e for itself; with ~ for the comma before three digits, which are one
      // blank then.
      {"numerals", "",
       "@coded($1,{0,43,44,45,46,47,48,58,69,70,101,102},{\"_\",\"s\",\",\",\"s\",\".\",\"_\",\" "
       "\",\"_\",\"e\",\"_\",\"e\",\"_\"})"},
      {"numeral_runs", "", "TRIM(SUBSTITUTE(SUBSTITUTE(\"_\"&@numerals($1)&\"_\",\",    \",\"_    \"),\",   \",\"~ \"))"},

      // For each run of digits 2 where a number begins, 1 where it goes on, with what is between numbers.
      {"number_runs", "",
       "SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(@numeral_runs($1),\" . \",21),\" ~\",\"2t\"),\"t2\",1),\"t "
       "\",1),"
       "\" \",2)"},
      {"ones", "", "LEN($1)-LEN(SUBSTITUTE($1,1,\"\"))"},
      {"first_run", "", "($2+@ones(LEFT(@number_runs($1),@seen(@number_runs($1),$2))))"},
      {"last_run", "", "($2+@ones(LEFT(@number_runs($1),IFERROR(@seen(@number_runs($1),$2+1),LEN(@number_runs($1))))))"},
      {"token", "\"number\" * 0", "@begin(@spans($1,\"digits\"),@first_run($1,@nth(@number_runs($1),$3)))"},
      {"token", "\"number\" * 1", "@end(@spans($1,\"digits\"),@last_run($1,@nth(@number_runs($1),$3)))"},
      {"match", "\"number\" *", "MID($1,@token($1,$2,$3,0)+1,@token($1,$2,$3,1)-@token($1,$2,$3,0))"},
      {"count", "\"number\"", "@tokens(@number_runs($1))"},

      // What stands before the place $2 is a minus, and no dash in a word.
      {"sign", "",
       "IF((MID(\" \"&$1,$2+1,1)=\"-\")*(LOOKUP(IFERROR(UNICODE(MID(\"  \"&$1,$2+1,1)),999),{0,48,58,65,91,97,123,128},"
       "{0,1,0,1,0,1,0,1})=0),-1,1)"},
      {"decimals", "", "IFERROR(LEN($1)-FIND(\".\",$1),0)"},
      {"digits", "", "SUBSTITUTE(SUBSTITUTE($1,\",\",\"\"),\".\",\"\")"},
      {"magnitude", "", "IF((IFERROR(FIND(\",\",$1),0)>4)+(--@digits($1)>=1E15),NA(),@digits($1)/10^@decimals($1))"},
      {"number", "1", "@number_or_whole(TRIM($1),1)", "@places_or_whole(TRIM($1),1)"},
      {"number", "-1", "@number_or_whole(TRIM($1),-1)", "@places_or_whole(TRIM($1),-1)"},
      {"number", "", "@nth_number($1,$2)", "@decimals(@match($1,\"number\",$2))"},
      {"nth_number", "", "(@sign($1,@token($1,\"number\",$2,0))*@magnitude(@match($1,\"number\",$2)))"},
      {"number_or_whole", "", "IF(@whole($1),@whole_number($1),@nth_number($1,$2))"},
      {"places_or_whole", "",
       "IF(@whole($1),MAX(0,@decimals(@mantissa($1))-@exponent($1)),@decimals(@match($1,\"number\",$2)))"},

      // All of a text, where a number in it would be another: ".5", "1e-3", "12,34,567".
      {"whole", "",
       "OR(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE(@numeral_runs($1),\"_s\",\"_\"),\"es\",\"e\"),"
       "\" , \",\" \"),\" , \",\" \"),\" ~ ~\",\" ~\"),\" ~ ~\",\" ~\")="
       "{\"_. _\",\"_ e _\",\"_ . e _\",\"_. e _\",\"_ .e _\",\"_ ~ _\",\"_ ~ . _\",\"_ ~ e _\"})"},
      {"mantissa", "", "LEFT($1,FIND(\"e\",LOWER($1)&\"e\")-1)"},
      {"exponent", "", "IFERROR(--MID($1,FIND(\"e\",LOWER($1))+1,9),0)"},
      {"unsigned", "", "SUBSTITUTE(SUBSTITUTE($1,\"-\",\"\"),\"+\",\"\")"},
      {"whole_number", "", "(IF(LEFT($1)=\"-\",-1,1)*@magnitude(@unsigned(@mantissa($1)))*10^@exponent($1))"},

      {"times_ten", "", "ROUND($1*10^$2,MAX(0,%1-($2)))", "MAX(0,%1-($2))"},
      {"plus", "", "ROUND($1+$2,MAX(%1,%2))", "MAX(@scale($1),@scale($2))"},
      {"minus", "", "ROUND($1-($2),MAX(%1,%2))", "MAX(@scale($1),@scale($2))"},
      {"times", "", "@product(ROUND($1*$2,%1+%2),@scale($1)+@scale($2))", "@scale($0)"},
      {"product", "", "IF((ABS($1)*10^($2)<1E15)+($2>11),$1,NA())"},  // 12 decimals are those of a quotient
      {"over", "", "ROUND($1/$2,12)", "@scale($0)"},
      {"remainder", "", "IF($2>0,ROUND($1-$2*INT(ROUND($1/$2,9)),MAX(%1,%2)),NA())", "@scale($0)"},
      {"larger", "", "IF($1<$2,$2,$1)", "IF($1<$2,%2,%1)"},
      {"smaller", "", "IF($2<$1,$2,$1)", "IF($2<$1,%2,%1)"},
      {"less", "", "(($1)<($2))"},

      {"round", "1 0 * \"nearest\"", "ROUND($1,$4)", "$4"},
      {"round", "0 * *", "@multiple($1,$2,0,$4,$5)", "$4"},
      {"round", "* 0 *", "@multiple($1,$2,$3,0,$5)", "0"},
      {"multiple", "\"nearest\"", "ROUND((ROUND(@steps($1,$2,$3,$4),0)*$2+$3)/10^$4,$4)"},
      {"multiple", "\"down\"", "ROUND((INT(@steps($1,$2,$3,$4))*$2+$3)/10^$4,$4)"},
      {"multiple", "\"up\"", "ROUND(($3-INT(-@steps($1,$2,$3,$4))*$2)/10^$4,$4)"},
      {"steps", "", "ROUND(($1*10^$4-$3)/$2,9)"},

      // How many decimals a number needs; rounded to as many, it stays what it is.
      {"scale", ">0", "0"},
      {"scale", "<0", "0"},
      {"scale", "", "SUMPRODUCT(--(ABS(ROUND($1,ROW($$1:$$15)-1)-($1))>ABS($1)*1E-17))"},

      // (number, least and most decimals, digits before the point, grouping, its mark, the point)
      {"format", "", "@pointed($1,@shown($1,%1,$2,$3),$4,$5,$6,$7)"},
      {"shown", "-1 30", "$2"},
      {"shown", "-1 *", "MIN($2,$4)"},
      {"shown", "* =", "$3"},
      {"shown", "0 30", "@scale($1)"},
      {"shown", "30", "MAX($3,@scale($1))"},
      {"shown", "", "MAX($3,@scale(ROUND($1,$4)))"},
      {"pointed", "0 1 \"none\" * *", "@no_longer(ROUND($1,0))"},
      {"pointed", "0 * * * *", "(@minus_sign($1,0)&@grouped(@padded($1,0,$3),$4,$5))"},
      {"pointed", "", "(@minus_sign($1,$2)&@grouped(@before_point($1,$2,$3),$4,$5)&@behind_point($1,$2,$3,$6))"},
      {"minus_sign", "", "IF(($1<0)*@shifted($1,$2),\"-\",\"\")"},
      {"shifted", "0", "@no_longer(ROUND(ABS($1),0))"},
      {"shifted", "", "@no_longer(ROUND(ROUND(ABS($1),$2)*10^$2,0))"},
      {"no_longer", "", "IF(ABS($1)<1E15,$1,NA())"},
      {"padded", "0 1", "@shifted($1,$2)"},
      {"padded", "", "(REPT(0,MAX(0,$2+$3-LEN(@shifted($1,$2))))&@shifted($1,$2))"},
      {"before_point", "0", "IF((@shifted($1,$2)=0)*($2=0),0,LEFT(@padded($1,$2,$3),LEN(@padded($1,$2,$3))-$2))"},
      {"before_point", "", "LEFT(@padded($1,$2,$3),LEN(@padded($1,$2,$3))-$2)"},
      {"behind_point", "", "IF($2,$4&RIGHT(@padded($1,$2,$3),$2),\"\")"},
      {"grouped", "\"none\" *", "$1"},
      {"grouped", "\"thousands\" *", "SUBSTITUTE(TRIM(TEXTJOIN(\" \",TRUE,MID(@wide($1),{1,4,7,10,13,16},3))),\" \",$3)"},
      {"grouped", "\"indian\" *",
       "SUBSTITUTE(TRIM(TEXTJOIN(\" \",TRUE,MID(@wide($1),{2,4,6,8,10,12,14},2),RIGHT(@wide($1),3))),\" \",$3)"},
      {"wide", "", "RIGHT(REPT(\" \",18)&$1,18)"},

      {"ordinal", "",
       "IF((%1>0)+($1<0),NA(),@no_longer($1)&IF(INT(MOD($1,100)/10)=1,\"th\",MID(\"thstndrdthththththth\",1+2*MOD($1,10),2)))"},
      {"roman", "", "IF((%1>0)+($1<1)+($1>3999),NA(),ROMAN($1))"},

      // Of up to 29 numbers in a text.
      {"numbers", "",
       "IF((@count($1,\"number\")>29)+(@count($1,\"number\")=0),NA(),@all(@number_list($1),@count($1,\"number\"),$2))",
       "@places_of_all(@number_list($1),@count($1,\"number\"),$2,$0)"},
      {"number_list", "",
       "(CHAR(1)&TEXTJOIN(CHAR(1),TRUE,IF(@each_place()>@count($1,\"number\"),\"\","
       "IF(@sign($1,@token($1,\"number\",@each_place(),0))<0,\"-\",\"\")&@match($1,\"number\",@each_place())))&CHAR(1))"},
      {"each_number", "", "IF(@each_place()>$2,$3,@signed_number(@each_item($1,@each_place())))"},
      {"signed_number", "", "(IF(LEFT($1)=\"-\",-1,1)*@magnitude(@unsigned($1)))"},
      {"all", "\"sum\"", "ROUND(SUM(@each_number($1,$2,0)),MAX(IFERROR(@decimals(@each_item($1,@each_place())),0)))"},
      {"all", "\"average\"", "ROUND(@all($1,$2,\"sum\")/$2,12)"},
      {"all", "\"largest\"", "MAX(@each_number($1,$2,-1E99))"},
      {"all", "\"smallest\"", "MIN(@each_number($1,$2,1E99))"},
      {"places_of_all", "\"average\" *", "@scale($4)"},
      {"places_of_all", "\"sum\" *",
       "IF($2=1,@decimals(@item($1,1)),MAX(@scale(ROUND($4-@last($1,$2),12)),@scale(@last($1,$2))))"},
      {"places_of_all", "", "@decimals(@item($1,MATCH($4,@each_number($1,$2,\"\"),0)))"},
      {"last", "", "@signed_number(@item($1,$2))"},
  };
  return kSayings;
}

}  // namespace hasten::solve
