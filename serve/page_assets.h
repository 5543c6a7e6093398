// The files of the page (web/), as the build put them into the program; none where it was built without.
#pragma once

#include <span>
#include <string_view>

namespace hasten {

struct PageAsset {
  std::string_view path;  // "/" is the page itself; scripts and styles have their content's hash in their names
  std::string_view content_type, etag;
  std::string_view bytes, gzip;  // gzip: the same, compressed
};

std::span<const PageAsset> PageAssets();

}  // namespace hasten
