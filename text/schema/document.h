// A schema document: where its subschemas are, what they are called, and which draft each speaks.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace hasten::schema {

using Json = nlohmann::ordered_json;
using NodeId = uint32_t;

enum class Draft : uint8_t { k4, k6, k7, k2019, k2020 };

struct Node {
  const Json* json;
  std::string path;  // a JSON pointer from the document's root, for messages
  uint32_t resource;
};

class Document {
 public:
  // Reads identifiers and anchors. kBadInput where two resources have the same identifier.
  static Result<Document> Create(Json root);
  Document(Document&&) = default;

  NodeId root() const { return 0; }
  const Node& operator[](NodeId id) const { return nodes_[id]; }
  Draft draft(NodeId id) const { return resources_[nodes_[id].resource].draft; }
  size_t size() const { return nodes_.size(); }
  // The subschema `json`, which lies below `parent` at `step` ("/properties/a").
  NodeId Child(NodeId parent, const Json& json, const std::string& step);
  // A schema that is not in the document but made on the way, with the place it came from.
  NodeId Make(NodeId origin, Json json);
  // The target of a $ref written in `from`. kUnsupported where it lies in another document.
  Result<NodeId> Resolve(NodeId from, const std::string& ref, bool dynamic);

 private:
  struct Resource {
    std::string uri;
    const Json* root;
    std::string path;
    Draft draft;
    std::unordered_map<std::string, const Json*> anchors = {};
  };
  Document() = default;
  void Index(const Json& json, const std::string& path, uint32_t resource, size_t depth);
  void IndexChildren(const Json& json, const std::string& path, uint32_t resource, size_t depth);
  uint32_t ResourceOf(const Json& json, uint32_t enclosing) const;
  Result<NodeId> ByPointer(const Resource& r, const std::string& pointer, NodeId from, const std::string& ref);

  std::unique_ptr<Json> root_;
  std::deque<Json> made_;
  std::deque<Node> nodes_;
  std::unordered_map<const Json*, NodeId> node_of_;
  std::deque<Resource> resources_;
  std::unordered_map<const Json*, uint32_t> resource_at_;    // of those that begin one
  std::unordered_map<std::string, size_t> dynamic_anchors_;  // how often each name is given
};

}  // namespace hasten::schema
