#include "text/schema/document.h"

#include <algorithm>
#include <array>

#include "base/quote.h"

namespace hasten::schema {
namespace {

constexpr std::array kOne = {
    "additionalProperties", "additionalItems",       "items",        "contains", "not", "if", "then", "else", "propertyNames",
    "unevaluatedItems",     "unevaluatedProperties", "contentSchema"};
constexpr std::array kMany = {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"};
constexpr std::array kList = {"allOf", "anyOf", "oneOf", "prefixItems", "items"};

Draft DraftOf(const Json& json, Draft otherwise) {
  if (!json.is_object() || !json.contains("$schema") || !json["$schema"].is_string()) return otherwise;
  const std::string uri = json["$schema"].get<std::string>();
  if (uri.find("draft-04") != uri.npos) return Draft::k4;
  if (uri.find("draft-06") != uri.npos) return Draft::k6;
  if (uri.find("draft-07") != uri.npos) return Draft::k7;
  if (uri.find("2019-09") != uri.npos) return Draft::k2019;
  return uri.find("2020-12") != uri.npos ? Draft::k2020 : otherwise;
}

// RFC 3986, 5.2, as far as identifiers of schemas need it.
std::string Absolute(const std::string& base, const std::string& ref) {
  const auto scheme_end = [](const std::string& s) {
    const size_t colon = s.find(':');
    return colon != s.npos && s.find_first_of("/?#") > colon ? colon : std::string::npos;
  };
  if (ref.empty()) return base;
  if (scheme_end(ref) != ref.npos) return ref;
  const size_t scheme = scheme_end(base);
  if (scheme == base.npos) {
    const size_t slash = base.rfind('/');
    return slash == base.npos || ref[0] == '/' ? ref : base.substr(0, slash + 1) + ref;
  }
  size_t path = scheme + 1;
  if (base.compare(path, 2, "//") == 0) path = std::min(base.find('/', path + 2), base.size());
  if (ref.starts_with("//")) return base.substr(0, scheme + 1) + ref;
  std::string full = ref[0] == '/' ? ref : base.substr(path, std::max(base.rfind('/') + 1, path) - path) + ref;
  std::vector<std::string> parts;
  for (size_t i = 0; i < full.size();) {
    const size_t end = std::min(full.find('/', i + 1), full.size());
    const std::string part = full.substr(i, end - i);
    if (part == "/..") {
      if (!parts.empty()) parts.pop_back();
    } else if (part != "/.") {
      parts.push_back(part);
    }
    i = end;
  }
  std::string out = base.substr(0, path);
  for (const std::string& p : parts) out += p;
  return out;
}

std::string Unescaped(std::string_view token) {  // of a JSON pointer within a URI fragment
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '%' && i + 2 < token.size()) {
      out += char(std::strtol(std::string(token.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += token[i];
    }
  }
  std::string plain;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '~' && i + 1 < out.size() && (out[i + 1] == '0' || out[i + 1] == '1')) {
      plain += out[++i] == '0' ? '~' : '/';
    } else {
      plain += out[i];
    }
  }
  return plain;
}

const std::string* IdOf(const Json& json, Draft draft) {
  const char* key = draft == Draft::k4 ? "id" : "$id";
  if (!json.is_object() || !json.contains(key) || !json[key].is_string()) return nullptr;
  if (draft <= Draft::k7 && json.contains("$ref")) return nullptr;  // beside $ref nothing counts there
  return json[key].get_ptr<const std::string*>();
}

}  // namespace

Result<Document> Document::Create(Json root) {
  Document d;
  d.root_ = std::make_unique<Json>(std::move(root));
  Draft draft = DraftOf(*d.root_, Draft::k2020);
  // Without $schema the oldest reading under which the schema makes sense: `id` and a true exclusiveMinimum are draft 4's.
  d.resources_.push_back({"", d.root_.get(), "", draft});
  d.resource_at_[d.root_.get()] = 0;
  if (const std::string* id = IdOf(*d.root_, draft)) d.resources_[0].uri = id->substr(0, id->find('#'));
  d.nodes_.push_back({d.root_.get(), "", 0});
  d.node_of_[d.root_.get()] = 0;
  d.IndexChildren(*d.root_, "", 0, 0);
  return d;
}

void Document::Index(const Json& json, const std::string& path, uint32_t resource, size_t depth) {
  if (!json.is_object() || depth > 512) return;
  const Draft draft = DraftOf(json, resources_[resource].draft);
  if (const std::string* id = IdOf(json, draft); id && (*id)[0] != '#') {
    const std::string uri = Absolute(resources_[resource].uri, id->substr(0, id->find('#')));
    resources_.push_back({uri, &json, path, draft});
    resource = uint32_t(resources_.size() - 1);
    resource_at_[&json] = resource;
  }
  IndexChildren(json, path, resource, depth);
}

void Document::IndexChildren(const Json& json, const std::string& path, uint32_t resource, size_t depth) {
  if (!json.is_object()) return;
  const Draft draft = resources_[resource].draft;
  if (const std::string* id = IdOf(json, draft); id && draft <= Draft::k7 && id->find('#') != id->npos) {
    if (const std::string anchor = id->substr(id->find('#') + 1); !anchor.empty()) resources_[resource].anchors[anchor] = &json;
  }
  for (const char* key : {"$anchor", "$dynamicAnchor"}) {
    if (draft < Draft::k2019 || !json.contains(key) || !json[key].is_string()) continue;
    resources_[resource].anchors[json[key].get<std::string>()] = &json;
    if (key[1] == 'd') ++dynamic_anchors_[json[key].get<std::string>()];
  }
  if (json.contains("$recursiveAnchor") && json["$recursiveAnchor"] == true) ++dynamic_anchors_["\0recursive"];
  for (const char* key : kOne)
    if (json.contains(key)) Index(json[key], path + "/" + key, resource, depth + 1);
  for (const char* key : kMany) {
    if (!json.contains(key) || !json[key].is_object()) continue;
    for (const auto& [name, child] : json[key].items()) Index(child, path + "/" + key + "/" + name, resource, depth + 1);
  }
  for (const char* key : kList) {
    if (!json.contains(key) || !json[key].is_array()) continue;
    for (size_t i = 0; i < json[key].size(); ++i)
      Index(json[key][i], path + "/" + key + "/" + std::to_string(i), resource, depth + 1);
  }
}

uint32_t Document::ResourceOf(const Json& json, uint32_t enclosing) const {
  const auto it = resource_at_.find(&json);
  return it == resource_at_.end() ? enclosing : it->second;
}

NodeId Document::Child(NodeId parent, const Json& json, const std::string& step) {
  const auto [it, is_new] = node_of_.try_emplace(&json, NodeId(nodes_.size()));
  if (is_new) nodes_.push_back({&json, nodes_[parent].path + step, ResourceOf(json, nodes_[parent].resource)});
  return it->second;
}

NodeId Document::Make(NodeId origin, Json json) {
  const Node from = nodes_[origin];
  made_.push_back(std::move(json));
  nodes_.push_back({&made_.back(), from.path, from.resource});
  node_of_[&made_.back()] = NodeId(nodes_.size() - 1);
  return NodeId(nodes_.size() - 1);
}

Result<NodeId> Document::ByPointer(const Resource& r, const std::string& pointer, NodeId from, const std::string& ref) {
  const Json* at = r.root;
  std::string path = r.path;
  uint32_t resource = ResourceOf(*at, 0);
  for (size_t i = 0; i < pointer.size();) {
    const size_t end = std::min(pointer.find('/', i + 1), pointer.size());
    const std::string token = Unescaped(std::string_view(pointer).substr(i + 1, end - i - 1));
    const Json* next = nullptr;
    if (at->is_object() && at->contains(token)) next = &(*at)[token];
    if (at->is_array() && !token.empty() && token.size() < 7 && token.find_first_not_of("0123456789") == token.npos &&
        size_t(std::stoul(token)) < at->size()) {
      next = &(*at)[std::stoul(token)];
    }
    if (!next)
      return Error{Code::kBadInput,
                   Fmt("#%s/$ref: %s leads nowhere in this document", nodes_[from].path.c_str(), Printable(ref).c_str())};
    at = next;
    path += "/" + token;
    resource = ResourceOf(*at, resource);
    i = end;
  }
  const auto [it, is_new] = node_of_.try_emplace(at, NodeId(nodes_.size()));
  if (is_new) nodes_.push_back({at, path, resource});
  return it->second;
}

Result<NodeId> Document::Resolve(NodeId from, const std::string& ref, bool dynamic) {
  uint32_t index = nodes_[from].resource;
  const size_t hash = ref.find('#');
  const std::string address = ref.substr(0, hash), fragment = hash == ref.npos ? "" : ref.substr(hash + 1);
  if (!address.empty()) {
    const std::string uri = Absolute(resources_[index].uri, address);
    const auto it = std::ranges::find_if(resources_, [&](const Resource& r) { return r.uri == uri && !uri.empty(); });
    if (it == resources_.end()) {
      return Error{Code::kUnsupported, Fmt("#%s/$ref: %s is not in this document, and nothing is fetched: put it under $defs",
                                           nodes_[from].path.c_str(), Printable(ref).c_str())};
    }
    index = uint32_t(it - resources_.begin());
  }
  if (dynamic) {
    const auto it = dynamic_anchors_.find(fragment.empty() ? "\0recursive" : fragment);
    if (it != dynamic_anchors_.end() && it->second > 1) {
      return Error{Code::kUnsupported,
                   Fmt("#%s/$dynamicRef: %s is given more than once, and which is meant depends on the way there",
                       nodes_[from].path.c_str(), Printable(ref).c_str())};
    }
  }
  if (fragment.empty() || fragment[0] == '/') return ByPointer(resources_[index], fragment, from, ref);
  const auto it = resources_[index].anchors.find(fragment);
  if (it == resources_[index].anchors.end()) {
    return Error{Code::kBadInput,
                 Fmt("#%s/$ref: %s leads nowhere in this document", nodes_[from].path.c_str(), Printable(ref).c_str())};
  }
  const auto [known, is_new] = node_of_.try_emplace(it->second, NodeId(nodes_.size()));
  if (is_new) nodes_.push_back({it->second, "#" + fragment, ResourceOf(*it->second, index)});
  return known->second;
}

}  // namespace hasten::schema
