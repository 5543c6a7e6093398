// Excel: dates and times. Its own days begin in 1900 and have one too many in that year: days are counted here, from the first
// of March of the year 0. A date is four arguments, year, month, day and the seconds of the day; what it lacks is NA().
#include "solve/lang/emit_excel.h"

namespace hasten::solve {

std::span<const Saying> ExcelDates() {
  static constexpr Saying kSayings[] = {
      // Reading: the shape of a text, see emit_excel_shapes.h.
      {"skeleton", "",
       "SUBSTITUTE(@single_letters(@coded($1,{0,32,33,35,36,39,40,43,44,45,46,47,48,58,59,64,65,91,95,96,97,123},"
       "{\"!\",\" "
       "\",\"!\",\"#\",\"!\",\"'\",\"!\",\"+\",\",\",\"-\",\".\",\"/\",\"9\",\":\",\"!\",\"@\",\"a\",\"!\",\"_\",\"!\","
       "\"a\",\"!\"})),99,9)"},
      {"single_letters", "",
       "TEXTJOIN(\"\",TRUE,IF((@each_character($1)=\"a\")*(@each_character((\"_\"&$1))=\"a\"),\"\",@each_character($1)))"},
      {"amount", "", "(--@match($1,\"digits\",$2))"},
      {"year_of_century", "", "($1+IF($1<50,2000,1900))"},
      {"month_name", "",
       "CHOOSE($1,\"January\",\"February\",\"March\",\"April\",\"May\",\"June\",\"July\",\"August\",\"September\",\"October\","
       "\"November\",\"December\")"},
      {"weekday_name", "", "CHOOSE($1,\"Monday\",\"Tuesday\",\"Wednesday\",\"Thursday\",\"Friday\",\"Saturday\",\"Sunday\")"},
      {"named", "", "IF((LEN($1)=3)+($1=$3)+(LEN($1)=4)*(LEN($3)>4)*($1=LEFT($3,4)),$2,NA())"},
      {"month_named", "", "@named($1,@month_begins($1),@month_name(@month_begins($1)))"},
      {"month_begins", "",
       "MATCH(LEFT($1,3),{\"Jan\",\"Feb\",\"Mar\",\"Apr\",\"May\",\"Jun\",\"Jul\",\"Aug\",\"Sep\",\"Oct\",\"Nov\",\"Dec\"},0)"},
      {"weekday_named", "", "(IF($1=\"Thurs\",4,@named($1,@weekday_begins($1),@weekday_name(@weekday_begins($1))))-1)"},
      {"weekday_begins", "", "MATCH(LEFT($1,3),{\"Mon\",\"Tue\",\"Wed\",\"Thu\",\"Fri\",\"Sat\",\"Sun\"},0)"},

      // Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
      {"day_number", "",
       "(365*@year_from_march($1,$2)+INT(@year_from_march($1,$2)/4)-INT(@year_from_march($1,$2)/100)+"
       "INT(@year_from_march($1,$2)/400)+INT((153*MOD($2+9,12)+2)/5)+$3-1)"},
      {"year_from_march", "", "($1-($2<3))"},
      {"era_day", "", "MOD($1,146097)"},
      {"era_year", "", "INT((@era_day($1)-INT(@era_day($1)/1460)+INT(@era_day($1)/36524)-INT(@era_day($1)/146096))/365)"},
      {"day_from_march", "", "(@era_day($1)-365*@era_year($1)-INT(@era_year($1)/4)+INT(@era_year($1)/100))"},
      {"month_from_march", "", "INT((5*@day_from_march($1)+2)/153)"},
      {"day_on", "", "(@day_from_march($1)-INT((153*@month_from_march($1)+2)/5)+1)"},
      {"month_on", "", "(@month_from_march($1)+3-12*(@month_from_march($1)>9))"},
      {"year_on", "", "(@era_year($1)+400*INT($1/146097)+(@month_from_march($1)>9))"},
      {"weekday_on", "", "MOD($1+2,7)"},
      {"leap", "", "((MOD($1,4)=0)-(MOD($1,100)=0)+(MOD($1,400)=0))"},
      {"days_in", "", "(30+MOD($2+INT($2/8),2)-($2=2)*(2-@leap($1)))"},
      {"monday_of_first_week", "", "(@day_number($1,1,4)-@weekday_on(@day_number($1,1,4)))"},
      {"nth_weekday", "", "(1+MOD($3-@weekday_on(@day_number($1,$2,1)),7)+7*($4-1))"},

      // Parts.
      {"part", "\"yyyy\"", "(REPT(0,MAX(0,4-LEN($1)))&$1)"},
      {"part", "\"yy\"", "@two(MOD($1,100))"},
      {"part", "\"M\"", "$2"},
      {"part", "\"MM\"", "@two($2)"},
      {"part", "\"MMM\"", "LEFT(@month_name($2),3)"},
      {"part", "\"MMMM\"", "@month_name($2)"},
      {"part", "\"d\"", "$3"},
      {"part", "\"dd\"", "@two($3)"},
      {"part", "\"ddd\"", "LEFT(@weekday_name(@weekday($1,$2,$3,$4)),3)"},
      {"part", "\"dddd\"", "@weekday_name(@weekday($1,$2,$3,$4))"},
      {"part", "\"do\"", "($3&IF(INT($3/10)=1,\"th\",MID(\"thstndrdthththththth\",1+2*MOD($3,10),2)))"},
      {"part", "\"q\"", "INT(($2+2)/3)"},
      {"part", "\"half\"", "(1+($2>6))"},
      {"part", "\"week\"", "@week(@thursday(@day_number($1,$2,$3)))"},
      {"part", "\"ww\"", "@two(@week(@thursday(@day_number($1,$2,$3))))"},
      {"part", "\"week year\"", "@year_on(@thursday(@day_number($1,$2,$3)))"},
      {"part", "\"year day\"", "@year_day($1,$2,$3)"},
      {"part", "\"year day 3\"", "RIGHT(\"00\"&@year_day($1,$2,$3),3)"},
      {"part", "\"month week\"", "INT(($3+6)/7)"},
      {"part", "\"H\"", "@hour($4)"},
      {"part", "\"HH\"", "(IF(@hour($4)<10,0,\"\")&@hour($4))"},
      {"part", "\"h\"", "@hour_of_12($4)"},
      {"part", "\"hh\"", "@two(@hour_of_12($4))"},
      {"part", "\"m\"", "MOD(INT($4/60),60)"},
      {"part", "\"mm\"", "@two(MOD(INT($4/60),60))"},
      {"part", "\"s\"", "MOD($4,60)"},
      {"part", "\"ss\"", "@two(MOD($4,60))"},
      {"part", "\"tt\"", "IF($4<43200,\"AM\",\"PM\")"},
      {"part", "\"am\"", "IF($4<43200,\"am\",\"pm\")"},
      {"part", "\"a.m.\"", "IF($4<43200,\"a.m.\",\"p.m.\")"},
      {"two", "", "RIGHT(0&$1,2)"},
      {"hour", "", "INT($1/3600)"},
      {"hour_of_12", "", "(MOD(@hour($1)+11,12)+1)"},
      {"thursday", "", "($1-@weekday_on($1)+3)"},
      {"week", "", "(INT(($1-@day_number(@year_on($1),1,1))/7)+1)"},
      {"year_day", "", "(@day_number($1,$2,$3)-@day_number($1,1,1)+1)"},

      // What two dates are apart, $1 to $4 and $5 to $8.
      {"days", "", "(@day_number($5,$6,$7)-@day_number($1,$2,$3))"},
      {"months", "", "(($5-$1)*12+$6-$2-($7<$3))"},
      {"years", "", "($5-$1-($6*100+$7<$2*100+$3))"},
      {"seconds", "", "IFERROR($8-$4+86400*@days($1,$2,$3,$4,$5,$6,$7,$8),$8-$4+86400*($8<$4))"},
      {"second_of_day", "", "$4"},
      {"weekday", "", "(@weekday_on(@day_number($1,$2,$3))+1)"},

      // Dates that are made of $1 to $4: the parts that change.
      {"whole_amount", "0", "$1"},
      {"whole_amount", "", "IF($2>0,NA(),$1)"},
      {"add_days_year", "", "@year_on(@later($1,$2,$3,@whole_amount($5,%5)))"},
      {"add_days_month", "", "@month_on(@later($1,$2,$3,@whole_amount($5,%5)))"},
      {"add_days_day", "", "@day_on(@later($1,$2,$3,@whole_amount($5,%5)))"},
      {"add_days_time", "", "IF(@later($1,$2,$3,@whole_amount($5,%5)),$4)"},
      {"later", "", "(@day_number($1,$2,$3)+$4)"},
      {"month_number", "", "IF($3,12*$1+$2-1+@whole_amount($4,$5))"},
      {"add_months_year", "", "INT(@month_number($1,$2,$3,$5,%5)/12)"},
      {"add_months_month", "", "(MOD(@month_number($1,$2,$3,$5,%5),12)+1)"},
      {"add_months_day", "", "MIN($3,@days_in(INT(@month_number($1,$2,$3,$5,%5)/12),MOD(@month_number($1,$2,$3,$5,%5),12)+1))"},
      {"add_months_time", "", "IF(@month_number($1,$2,$3,$5,%5),$4)"},
      {"month_end_time", "", "IF(@days_in($1,$2),$4)"},
      {"month_end_year", "", "IF($2,$1)"},
      {"month_end_month", "", "IF($1,$2)"},
      {"month_end_day", "", "@days_in($1,$2)"},
      {"add_seconds_year", "", "@year_moved($1,$2,$3,$4+@whole_amount($5,%5))"},
      {"add_seconds_month", "", "@month_moved($1,$2,$3,$4+@whole_amount($5,%5))"},
      {"add_seconds_day", "", "@day_moved($1,$2,$3,$4+@whole_amount($5,%5))"},
      {"add_seconds_time", "", "MOD($4+@whole_amount($5,%5),86400)"},
      {"bucket_year", "", "@year_moved($1,$2,$3,@bucketed($4,$5,$6,$7))"},
      {"bucket_month", "", "@month_moved($1,$2,$3,@bucketed($4,$5,$6,$7))"},
      {"bucket_day", "", "@day_moved($1,$2,$3,@bucketed($4,$5,$6,$7))"},
      {"bucket_time", "", "MOD(@bucketed($4,$5,$6,$7),86400)"},
      {"bucketed", "", "(60*(INT((INT($1/60)-($3))/$2)*$2+$3+$4))"},
      {"clock_year", "", "NA()"},
      {"clock_month", "", "NA()"},
      {"clock_day", "", "NA()"},
      {"clock_time", "", "@clock_time_of(INT(ROUND($1*$2,9)))"},
      {"clock_time_of", "", "IF(($1<0)+($1>1000000000),NA(),$1)"},

      // After $4 seconds of the day, the next day or another, where there is a date.
      {"year_moved", "", "IF(ISERROR($4),NA(),IFERROR(@year_on(@later($1,$2,$3,INT(($4)/86400))),$1))"},
      {"month_moved", "", "IF(ISERROR($4),NA(),IFERROR(@month_on(@later($1,$2,$3,INT(($4)/86400))),$2))"},
      {"day_moved", "", "IF(ISERROR($4),NA(),IFERROR(@day_on(@later($1,$2,$3,INT(($4)/86400))),$3))"},
  };
  return kSayings;
}

}  // namespace hasten::solve
