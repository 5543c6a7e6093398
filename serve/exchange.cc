#include "serve/exchange.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace hasten {

namespace asio = boost::asio;

void Exchange::Wake() {
  asio::post(strand_, [self = shared_from_this()] { self->wake_.cancel(); });
}

void Exchange::Send(HttpResponse response) {
  {
    const std::lock_guard lock(mutex_);
    if (begun_) return;
    begun_ = whole_ = ended_ = true;
    head_ = std::move(response);
    if (!warnings_.empty()) head_->headers.emplace_back("Warning", warnings_);
  }
  Wake();
}

void Exchange::Begin(HttpResponse head) {
  {
    const std::lock_guard lock(mutex_);
    if (begun_) return;
    begun_ = true;
    head_ = std::move(head);
    if (!warnings_.empty()) head_->headers.emplace_back("Warning", warnings_);
  }
  Wake();
}

void Exchange::Write(std::string bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (!begun_ || ended_ || gone_) return;
    bytes_ += bytes;
  }
  Wake();
}

void Exchange::End() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  Wake();
}

void Exchange::Post(std::function<void()> work) { asio::post(strand_, std::move(work)); }

void Exchange::OnGone(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (!gone_) {
      on_gone_ = std::move(work);
      return;
    }
  }
  Post(std::move(work));
}

// 299: "miscellaneous persistent warning" of RFC 7234, section 5.5.
void Exchange::Warn(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!warnings_.empty()) warnings_ += ", ";
  warnings_ += "299 hasten \"";
  for (const char c : text) warnings_ += c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? c : '?';
  warnings_ += '"';
}

void Exchange::Gone() {
  std::function<void()> work;
  {
    const std::lock_guard lock(mutex_);
    if (gone_) return;
    gone_ = true;
    work.swap(on_gone_);
  }
  wake_.cancel();
  if (work) work();
}

bool Exchange::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

asio::awaitable<Exchange::Next> Exchange::Take() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (Ready()) {
        Next next = {.whole = whole_, .end = ended_ || gone_, .overflow = bytes_.size() > max_unsent_bytes_};
        next.head.swap(head_);
        next.bytes.swap(bytes_);
        if (ended_) on_gone_ = nullptr;  // releases what it holds
        co_return next;
      }
    }
    wake_.expires_at(asio::steady_timer::time_point::max());
    boost::system::error_code ignored;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace hasten
