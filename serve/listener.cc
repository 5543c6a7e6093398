#include "serve/listener.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "serve/exchange.h"
#include "serve/uri.h"

namespace hasten {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

auto Into(error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

struct Shared {
  ListenerOptions options;
  Handler handler;
  Listener::Refuse refuse;
  std::atomic<size_t> connections = 0;
  std::atomic<bool> stopping = false;
};

// One client's connection; lives as long as its coroutine, or as the last handler that is still to run.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::shared_ptr<Shared> shared) : stream_(std::move(socket)), shared_(std::move(shared)) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    ++shared_->connections;
  }
  ~Connection() { --shared_->connections; }

  asio::awaitable<void> Run() {
    while (co_await Serve()) {
    }
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  // One request and its answer. False: the connection is at its end.
  asio::awaitable<bool> Serve() {
    Parser parser;
    bodiless_ = false;
    parser.header_limit(64 << 10);
    parser.body_limit(shared_->options.max_body_bytes);
    error_code error;
    if (buffer_.size() == 0) {  // until the first byte it is idle, from then on it has to hurry
      stream_.expires_after(std::chrono::seconds(shared_->options.idle_s));
      const size_t got = co_await stream_.async_read_some(buffer_.prepare(4096), Into(error));
      if (error) co_return false;
      buffer_.commit(got);
    }
    stream_.expires_after(std::chrono::seconds(shared_->options.head_s));
    co_await http::async_read_header(stream_, buffer_, parser, Into(error));
    if (error) co_return co_await Refuse(error);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await asio::async_write(stream_, asio::buffer(kContinue), Into(error));
    }
    while (!error && !parser.is_done()) {
      stream_.expires_after(std::chrono::seconds(shared_->options.head_s));
      co_await http::async_read_some(stream_, buffer_, parser, Into(error));
    }
    if (error) co_return co_await Refuse(error);
    stream_.expires_never();
    const bool http10 = parser.get().version() < 11, keep = parser.get().keep_alive() && !shared_->stopping;
    bodiless_ = parser.get().method() == http::verb::head;
    const auto exchange = std::make_shared<Exchange>(stream_.get_executor(), shared_->options.max_unsent_bytes);
    shared_->handler(Convert(parser.get()), exchange);
    co_return co_await Answer(exchange, keep, http10) && keep;
  }

  static std::shared_ptr<const HttpRequest> Convert(http::request<http::string_body>& from) {
    auto request = std::make_shared<HttpRequest>();
    const std::string_view target = WithoutOrigin({from.target().data(), from.target().size()});
    const size_t question = target.find('?');
    request->method = std::string(from.method_string());
    request->path = PercentDecode(target.substr(0, question));
    if (question != std::string_view::npos) request->query = target.substr(question + 1);
    request->body = std::move(from.body());
    for (const auto& field : from) {
      std::string name(field.name_string());
      std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
      request->headers.emplace_back(std::move(name), std::string(field.value()));
    }
    return request;
  }

  // What came was no request, or too large a one; or nothing came.
  asio::awaitable<bool> Refuse(error_code error) {
    const bool large = error == http::error::body_limit || error == http::error::header_limit;
    const bool theirs = error.category() == make_error_code(http::error::bad_method).category();
    if (!theirs || error == http::error::end_of_stream || error == http::error::partial_message) co_return false;
    HttpResponse response =
        large ? shared_->refuse(error == http::error::body_limit ? 413 : 431,
                                "the request is too large: a body may have " + std::to_string(shared_->options.max_body_bytes) +
                                    " bytes and a head 65536")
              : shared_->refuse(400, "this is not an HTTP request: " + error.message());
    co_await SendWhole(std::move(response), false, false);
    // Closing with unread bytes would reset the connection and take the answer away with it.
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    size_t drained = 0;
    stream_.expires_after(std::chrono::seconds(2));
    for (std::string sink(65536, '\0'); !ignored && drained < (64 << 20);)
      drained += co_await stream_.async_read_some(asio::buffer(sink), Into(ignored));
    co_return false;
  }

  template <class Message>
  static void Fill(Message& message, const HttpResponse& response, bool keep) {
    message.result(unsigned(response.status));
    message.set(http::field::server, "hasten/" HASTEN_VERSION);
    if (!response.content_type.empty()) message.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) message.set(name, value);
    message.keep_alive(keep);
  }

  asio::awaitable<bool> SendWhole(HttpResponse response, bool keep, bool http10) {
    http::response<http::string_body> message;
    message.version(http10 ? 10 : 11);
    Fill(message, response, keep);
    message.body() = std::move(response.body);
    message.prepare_payload();
    error_code error;
    stream_.expires_after(std::chrono::seconds(shared_->options.write_s));
    if (bodiless_) {  // the length stands in the head, and nothing behind it
      http::response_serializer<http::string_body> head(message);
      co_await http::async_write_header(stream_, head, Into(error));
    } else {
      co_await http::async_write(stream_, message, Into(error));
    }
    stream_.expires_never();
    co_return !error;
  }

  asio::awaitable<bool> SendHead(const HttpResponse& response, bool keep, bool http10) {
    http::response<http::empty_body> message;
    message.version(http10 ? 10 : 11);
    Fill(message, response, keep);
    if (!http10) message.chunked(true);
    http::response_serializer<http::empty_body> serializer(message);
    error_code error;
    stream_.expires_after(std::chrono::seconds(shared_->options.write_s));
    co_await http::async_write_header(stream_, serializer, Into(error));
    co_return !error;
  }

  asio::awaitable<bool> SendBytes(std::string bytes, bool http10) {
    error_code error;
    stream_.expires_after(std::chrono::seconds(shared_->options.write_s));
    if (http10) {
      co_await asio::async_write(stream_, asio::buffer(bytes), Into(error));
    } else {
      co_await asio::async_write(stream_, http::make_chunk(asio::buffer(bytes)), Into(error));
    }
    stream_.expires_never();
    co_return !error;
  }

  // Tells the exchange when the client leaves. A byte that arrives is the next request's and ends the watch. A wait may also
  // end with nothing there: of bytes that were read meanwhile.
  void Watch(const std::shared_ptr<Exchange>& exchange) {
    if (buffer_.size() > 0) return;
    stream_.socket().async_wait(
        tcp::socket::wait_read,
        asio::bind_cancellation_slot(stop_watching_.slot(), [self = shared_from_this(), exchange](error_code error) {
          if (error || !self->watching_) return;
          char byte;
          const ssize_t got = ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
          if (got < 0 && (errno == EAGAIN || errno == EINTR)) return self->Watch(exchange);
          if (got <= 0) exchange->Gone();
        }));
  }

  asio::awaitable<bool> Answer(std::shared_ptr<Exchange> exchange, bool keep, bool http10) {
    watching_ = !exchange->ended();
    if (watching_) Watch(exchange);
    bool sound = true, streams = false;
    for (bool end = false; sound && !end;) {
      Exchange::Next next = co_await exchange->Take();
      end = next.end;
      if (next.whole && next.head) {
        sound = co_await SendWhole(std::move(*next.head), keep, http10);
        break;
      }
      if (next.overflow || (end && !next.head && !streams)) sound = false;
      if (sound && next.head) sound = streams = co_await SendHead(*next.head, keep && !http10, http10);
      if (sound && !next.bytes.empty()) sound = co_await SendBytes(std::move(next.bytes), http10);
    }
    watching_ = false;
    stop_watching_.emit(asio::cancellation_type::terminal);
    if (!sound) exchange->Gone();
    if (sound && streams && !http10) {
      error_code error;
      stream_.expires_after(std::chrono::seconds(shared_->options.write_s));
      co_await asio::async_write(stream_, http::make_chunk_last(), Into(error));
      stream_.expires_never();
      sound = !error;
    }
    co_return sound && !(streams && http10);
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  asio::cancellation_signal stop_watching_;
  bool watching_ = false;  // whether the client leaves; on the strand
  bool bodiless_ = false;  // the request is a HEAD
  std::shared_ptr<Shared> shared_;
};

asio::awaitable<void> RunConnection(tcp::socket socket, std::shared_ptr<Shared> shared) {
  const auto connection = std::make_shared<Connection>(std::move(socket), std::move(shared));
  co_await connection->Run();
}

asio::awaitable<void> Accept(tcp::acceptor& acceptor, asio::io_context& context, std::shared_ptr<Shared> shared) {
  asio::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    error_code error, ignored;
    tcp::socket socket(asio::make_strand(context));
    co_await acceptor.async_accept(socket, Into(error));
    if (error == asio::error::operation_aborted) co_return;
    if (error || shared->connections >= shared->options.max_connections) {
      // No descriptors left, or too many clients: the others first.
      socket.close(ignored);
      pause.expires_after(std::chrono::milliseconds(error ? 100 : 10));
      co_await pause.async_wait(Into(ignored));
      continue;
    }
    const auto strand = socket.get_executor();
    asio::co_spawn(strand, RunConnection(std::move(socket), shared), asio::detached);
  }
}

}  // namespace

struct Listener::Impl {
  explicit Impl(const ListenerOptions& options)
      : context(int(options.threads)),
        stays(context.get_executor()),
        acceptor(context),
        signals(context),
        shared(std::make_shared<Shared>()) {
    shared->options = options;
  }
  void NextSignal() {
    signals.async_wait([this](error_code error, int signal) {
      if (error) return;
      on_signal(signal);
      NextSignal();
    });
  }

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> stays;  // threads stay while there is nothing to do
  tcp::acceptor acceptor;
  asio::signal_set signals;
  std::function<void(int)> on_signal;
  std::shared_ptr<Shared> shared;
  uint16_t port = 0;
  std::vector<std::jthread> threads;
};

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
  impl_->context.stop();
  impl_->threads.clear();
}

Result<std::unique_ptr<Listener>> Listener::Start(const ListenerOptions& options, Handler handler, Refuse refuse) {
  auto impl = std::make_unique<Impl>(options);
  impl->shared->handler = std::move(handler);
  impl->shared->refuse = std::move(refuse);
  error_code error;
  const std::string port = std::to_string(options.port);
  const auto found = tcp::resolver(impl->context).resolve(options.host, port, tcp::resolver::passive, error);
  if (error || found.empty())
    return Error{Code::kBadInput, Fmt("no address is called '%s': %s", options.host.c_str(), error.message().c_str())};
  const tcp::endpoint endpoint = found.begin()->endpoint();
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error{Code::kBadInput, Fmt("cannot listen on %s port %u: %s; another --port or --host may be free",
                                      options.host.c_str(), unsigned(options.port), error.message().c_str())};
  }
  impl->port = impl->acceptor.local_endpoint().port();
  asio::co_spawn(impl->context, Accept(impl->acceptor, impl->context, impl->shared), asio::detached);
  for (size_t i = 0; i < options.threads; ++i) impl->threads.emplace_back([context = &impl->context] { context->run(); });
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

uint16_t Listener::port() const { return impl_->port; }
size_t Listener::connections() const { return impl_->shared->connections; }

void Listener::StopAccepting() {
  impl_->shared->stopping = true;
  asio::post(impl_->context, [impl = impl_.get()] {
    error_code ignored;
    impl->acceptor.close(ignored);
  });
}

void Listener::After(double seconds, std::function<void()> work) {
  const auto timer = std::make_shared<asio::steady_timer>(impl_->context);
  timer->expires_after(std::chrono::microseconds(int64_t(seconds * 1e6)));
  timer->async_wait([timer, work = std::move(work)](error_code error) {
    if (!error) work();
  });
}

void Listener::OnSignals(std::function<void(int)> work) {
  impl_->on_signal = std::move(work);
  error_code ignored;
  impl_->signals.add(SIGINT, ignored);
  impl_->signals.add(SIGTERM, ignored);
  impl_->NextSignal();
}

}  // namespace hasten
