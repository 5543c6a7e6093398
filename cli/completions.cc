// `hasten completions SHELL`: written from the declared verbs and flags, so that it cannot fall behind them.
#include <cstdio>

#include "cli/verb.h"

namespace hasten {
namespace {

// A verb with its flags, or (without a name) the flags that every verb takes.
struct Words {
  std::string name, summary;
  std::vector<std::pair<std::string, std::string>> flags;  // "--ctx", its description
};

std::vector<std::pair<std::string, std::string>> FlagsOf(const CLI::App& app) {
  std::vector<std::pair<std::string, std::string>> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.emplace_back("--" + name, option->get_description());
    for (const std::string& name : option->get_snames()) flags.emplace_back("-" + name, option->get_description());
  }
  return flags;
}

std::string Joined(const Words& words) {
  std::string line;
  for (const auto& [flag, help] : words.flags) line += (line.empty() ? "" : " ") + flag;
  return line;
}

// Inside single quotes of a shell; zsh's _arguments also reads brackets and colons.
std::string Quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? "'\\''" : c == '[' ? "(" : c == ']' ? ")" : c == ':' ? "," : std::string(1, c);
  return out;
}

void PrintBash(const std::vector<Words>& verbs, const Words& common) {
  std::string names;
  for (const Words& verb : verbs) names += (names.empty() ? "" : " ") + verb.name;
  std::printf("_hasten() {\n  local word=${COMP_WORDS[COMP_CWORD]} flags='%s'\n", Joined(common).c_str());
  std::printf("  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W '%s' -- \"$word\")); return; fi\n", names.c_str());
  std::printf("  case ${COMP_WORDS[1]} in\n");
  for (const Words& verb : verbs) std::printf("    %s) flags+=' %s' ;;\n", verb.name.c_str(), Joined(verb).c_str());
  std::printf("  esac\n  case $word in\n    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")) ;;\n");
  std::printf("    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n  esac\n}\ncomplete -o filenames -F _hasten hasten\n");
}

void PrintZsh(const std::vector<Words>& verbs, const Words& common) {
  std::printf("#compdef hasten\nlocal -a verbs common\nverbs=(\n");
  for (const Words& verb : verbs) std::printf("  '%s:%s'\n", verb.name.c_str(), Quoted(verb.summary).c_str());
  std::printf(")\ncommon=(\n");
  for (const auto& [flag, help] : common.flags) std::printf("  '%s[%s]'\n", flag.c_str(), Quoted(help).c_str());
  std::printf(")\nif (( CURRENT == 2 )); then _describe verb verbs; return; fi\ncase $words[2] in\n");
  for (const Words& verb : verbs) {
    std::printf("  %s) _arguments $common", verb.name.c_str());
    for (const auto& [flag, help] : verb.flags) std::printf(" '%s[%s]'", flag.c_str(), Quoted(help).c_str());
    std::printf(" '*:file:_files' ;;\n");
  }
  std::printf("esac\n");
}

void PrintFish(const std::vector<Words>& verbs, const Words& common) {
  const auto print = [](const char* condition, const Words& words) {
    for (const auto& [flag, help] : words.flags)
      std::printf("complete -c hasten%s %s %s -d '%s'\n", condition, flag.starts_with("--") ? "-l" : "-s",
                  flag.c_str() + flag.find_first_not_of('-'), Quoted(help).c_str());
  };
  for (const Words& verb : verbs) {
    std::printf("complete -c hasten -n __fish_use_subcommand -f -a %s -d '%s'\n", verb.name.c_str(),
                Quoted(verb.summary).c_str());
    print(Fmt(" -n '__fish_seen_subcommand_from %s'", verb.name.c_str()).c_str(), verb);
  }
  print("", common);
}

Result<Exit> Completions(const std::string& shell, const CLI::App& root) {
  std::vector<Words> verbs;
  for (const CLI::App* verb : root.get_subcommands({}))
    verbs.push_back({verb->get_name(), verb->get_description(), FlagsOf(*verb)});
  const Words common = {"", "", FlagsOf(root)};
  if (shell == "bash") PrintBash(verbs, common);
  if (shell == "zsh") PrintZsh(verbs, common);
  if (shell == "fish") PrintFish(verbs, common);
  return Exit::kOk;
}

}  // namespace

extern const Verb kCompletionsVerb;
const Verb kCompletionsVerb = {
    "completions", "print a script that completes hasten's verbs and flags in a shell",
    "Examples:\n"
    "  hasten completions bash > ~/.local/share/bash-completion/completions/hasten\n"
    "  hasten completions zsh > \"${fpath[1]}/_hasten\"\n"
    "  hasten completions fish > ~/.config/fish/completions/hasten.fish\n",
    [](CLI::App& app) -> VerbBody {
      const auto shell = std::make_shared<std::string>();
      app.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
      return [shell, root = app.get_parent()](const Common&) { return Completions(*shell, *root); };
    }};

}  // namespace hasten
