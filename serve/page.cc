// GET / and /page/*: the page's files. They hold nothing of anybody's and are given without a key; what the page asks for
// needs one.
// Source: RFC 9110 (validators, Accept-Encoding); W3C, Content Security Policy Level 3.
#include <algorithm>

#include "serve/page_assets.h"
#include "serve/routes.h"
#include "serve/service.h"

namespace hasten {
namespace {

// Nothing from elsewhere, nothing to elsewhere, no script but the page's own, no frame around it.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'";

constexpr const char* kAbsent =
    "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
    "<title>hasten</title><p>This hasten was built without its page: install npm with Node.js 18 or later, run ./dev build, "
    "and start it again. Everything else works.</p></html>\n";

bool Lists(std::string_view header, std::string_view value) { return header.find(value) != std::string_view::npos; }

}  // namespace

void Page(const std::shared_ptr<Call>& call) {
  const HttpRequest& request = *call->request;
  if (!call->service.options().show_page)
    return call->Refuse({.status = 404, .message = "this server shows no page: it was started with --no-page"});
  HttpResponse response{.headers = {{"Content-Security-Policy", kPolicy},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"Referrer-Policy", "no-referrer"},
                                    {"Cross-Origin-Opener-Policy", "same-origin"}}};
  const auto assets = PageAssets();
  const auto found = std::ranges::find(assets, std::string_view(request.path), &PageAsset::path);
  if (found == assets.end()) {
    if (request.path != "/") return call->Refuse({.status = 404, .message = "there is no such file of the page"});
    response.content_type = "text/html; charset=utf-8";
    response.body = kAbsent;
    return call->reply->Send(std::move(response));
  }
  response.headers.emplace_back("ETag", found->etag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  const bool hashed = !found->path.ends_with('/') && !found->path.ends_with(".svg");
  response.headers.emplace_back("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (Lists(request.Header("if-none-match"), found->etag)) {
    response.status = 304;
    response.content_type.clear();
    return call->reply->Send(std::move(response));
  }
  response.content_type = found->content_type;
  const bool gzip = Lists(request.Header("accept-encoding"), "gzip");
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = gzip ? found->gzip : found->bytes;
  call->reply->Send(std::move(response));
}

}  // namespace hasten
