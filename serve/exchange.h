// One answer under way: whoever answers puts bytes in from any thread, the connection takes them out on its strand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "serve/http.h"

namespace hasten {

class Exchange final : public Reply, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(boost::asio::any_io_executor strand, size_t max_unsent_bytes)
      : strand_(strand), wake_(strand), max_unsent_bytes_(max_unsent_bytes) {}

  void Send(HttpResponse response) override;
  void Begin(HttpResponse head) override;
  void Write(std::string bytes) override;
  void End() override;
  void Post(std::function<void()> work) override;
  void OnGone(std::function<void()> work) override;
  void Warn(std::string_view text) override;

  // What there is to send next; waits until there is something. On the strand.
  struct Next {
    std::optional<HttpResponse> head = {};  // with its body where `whole`
    bool whole = false;
    std::string bytes = {};
    bool end = false;
    bool overflow = false;  // the client does not read: give up
  };
  boost::asio::awaitable<Next> Take();
  void Gone();  // the client left
  bool ended() const;

 private:
  bool Ready() const { return head_ || !bytes_.empty() || ended_ || gone_; }
  void Wake();

  const boost::asio::any_io_executor strand_;
  boost::asio::steady_timer wake_;  // used on the strand
  const size_t max_unsent_bytes_;
  mutable std::mutex mutex_;  // guards what follows
  std::optional<HttpResponse> head_;
  bool begun_ = false, whole_ = false, ended_ = false, gone_ = false;
  std::string bytes_, warnings_;
  std::function<void()> on_gone_;
};

}  // namespace hasten
