#include "text/schema/formats.h"

#include <string>
#include <unordered_map>

namespace hasten::schema {
namespace {

#define YEAR "[0-9]{4}"
#define LEAP "([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
// RFC 3339: days of months, leap years included.
#define DATE                                                                                             \
  "(" YEAR "-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|" YEAR "-(0[469]|11)-(0[1-9]|[12][0-9]|30)|" YEAR \
  "-02-(0[1-9]|1[0-9]|2[0-8])|" LEAP "-02-29)"
// A leap second is one at 23:59:60 UTC; only the zone Z says so by itself.
#define TIME                                                                                                           \
  "(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])|23:59:60(\\.[0-9]+)?" \
  "([Zz]|[+-]00:00))"
#define LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#define BYTE "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
#define IPV4 BYTE "(\\." BYTE "){3}"
#define H16 "[0-9A-Fa-f]{1,4}"
#define LS32 "(" H16 ":" H16 "|" IPV4 ")"
// RFC 3986, appendix A.
#define IPV6                                                                                                          \
  "((" H16 ":){6}" LS32 "|::(" H16 ":){5}" LS32 "|(" H16 ")?::(" H16 ":){4}" LS32 "|((" H16 ":){0,1}" H16 ")?::(" H16 \
  ":){3}" LS32 "|((" H16 ":){0,2}" H16 ")?::(" H16 ":){2}" LS32 "|((" H16 ":){0,3}" H16 ")?::" H16 ":" LS32 "|((" H16 \
  ":){0,4}" H16 ")?::" LS32 "|((" H16 ":){0,5}" H16 ")?::" H16 "|((" H16 ":){0,6}" H16 ")?::)"
#define PCHAR "([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
#define AUTHORITY \
  "(([A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(\\[" IPV6 "\\]|([A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(:[0-9]*)?"
#define TAIL "(\\?(" PCHAR "|[/?])*)?(#(" PCHAR "|[/?])*)?"
#define URI \
  "[A-Za-z][A-Za-z0-9+.-]*:(//" AUTHORITY "(/" PCHAR "*)*|/(" PCHAR "+(/" PCHAR "*)*)?|" PCHAR "+(/" PCHAR "*)*)?" TAIL
#define NO_COLON "([A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})"
#define RELATIVE "(//" AUTHORITY "(/" PCHAR "*)*|/(" PCHAR "+(/" PCHAR "*)*)?|" NO_COLON "+(/" PCHAR "*)*)?" TAIL
// RFC 3987: as a URI, with all that is not ASCII.
#define ICHAR "([A-Za-z0-9._~!$&'()*+,;=:@-]|[^\\u0000-\\u009f]|%[0-9A-Fa-f]{2})"
#define IAUTHORITY "(" ICHAR "*@)?(\\[" IPV6 "\\]|([A-Za-z0-9._~!$&'()*+,;=-]|[^\\u0000-\\u009f]|%[0-9A-Fa-f]{2})*)(:[0-9]*)?"
#define ITAIL "(\\?(" ICHAR "|[/?])*)?(#(" ICHAR "|[/?])*)?"
#define IRI \
  "[A-Za-z][A-Za-z0-9+.-]*:(//" IAUTHORITY "(/" ICHAR "*)*|/(" ICHAR "+(/" ICHAR "*)*)?|" ICHAR "+(/" ICHAR "*)*)?" ITAIL
#define INO_COLON "([A-Za-z0-9._~!$&'()*+,;=@-]|[^\\u0000-\\u009f]|%[0-9A-Fa-f]{2})"
#define IRELATIVE "(//" IAUTHORITY "(/" ICHAR "*)*|/(" ICHAR "+(/" ICHAR "*)*)?|" INO_COLON "+(/" ICHAR "*)*)?" ITAIL
#define ATOM "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
#define POINTER "(/([^/~]|~[01])*)*"
#define TIMES "T([0-9]+H([0-9]+M([0-9]+S)?)?|[0-9]+M([0-9]+S)?|[0-9]+S)"

}  // namespace

const char* FormatPattern(std::string_view format) {
  static const std::unordered_map<std::string_view, const char*> kPatterns = {
      {"date", "^" DATE "$"},
      {"time", "^" TIME "$"},
      {"date-time", "^" DATE "[Tt]" TIME "$"},
      {"duration", "^P(([0-9]+D|[0-9]+M([0-9]+D)?|[0-9]+Y([0-9]+M([0-9]+D)?)?)(" TIMES ")?|" TIMES "|[0-9]+W)$"},
      {"email", "^(" ATOM "(\\." ATOM ")*|\"([^\"\\\\\\u0000-\\u001f\\u007f-\\uffff]|\\\\[ -~])*\")@(" LABEL "(\\." LABEL
                ")*|\\[(IPv6:" IPV6 "|" IPV4 ")\\])$"},
      {"hostname", "^" LABEL "(\\." LABEL ")*$"},
      {"ipv4", "^" IPV4 "$"},
      {"ipv6", "^" IPV6 "$"},
      {"uri", "^" URI "$"},
      {"uri-reference", "^(" URI "|" RELATIVE ")$"},
      {"iri", "^" IRI "$"},
      {"iri-reference", "^(" IRI "|" IRELATIVE ")$"},
      {"uuid", "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"},
      {"uri-template",
       "^([^\\u0000- "
       "\"'%<>\\\\^`{|}]|%[0-9A-Fa-f]{2}|\\{[+#./"
       ";?&=,!@|]?[A-Za-z0-9_.%]+(:[1-9][0-9]{0,3}|\\*)?(,[A-Za-z0-9_.%]+(:[1-9][0-9]{0,3}|\\*)?)*\\})*$"},
      {"json-pointer", "^" POINTER "$"},
      {"relative-json-pointer", "^(0|[1-9][0-9]*)(#|" POINTER ")$"},
      {"idn-email", nullptr},
      {"idn-hostname", nullptr},
      {"regex", nullptr},
  };
  const auto it = kPatterns.find(format);
  return it == kPatterns.end() ? "" : it->second;
}

}  // namespace hasten::schema
