// Internal to transport_cpprest.cpp: where cpprestsdk puts the body of an answer.
#pragma once

#include <cpprest/astreambuf.h>

#include <memory>
#include <string_view>
#include <utility>

#include "kubernetes/exchange.h"

namespace seraphim::kubernetes {

/// Write-only stream buffer that hands every chunk to the exchange (docs/runtime.md, 1a). Nobody ever reads.
class BodyBuffer final : public concurrency::streams::details::streambuf_state_manager<std::uint8_t> {
 public:
  explicit BodyBuffer(std::shared_ptr<Exchange> exchange)
      : streambuf_state_manager(std::ios_base::out), exchange_(std::move(exchange)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  std::size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(std::size_t, std::ios_base::openmode) override {}
  std::size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return kNowhere; }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return kNowhere; }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override { return kNowhere; }
  bool acquire(std::uint8_t*&, std::size_t&) override { return false; }
  void release(std::uint8_t*, std::size_t) override {}

 protected:
  pplx::task<std::size_t> _putn(const std::uint8_t* bytes, std::size_t count) override {
    const pplx::task_completion_event<std::size_t> taken;
    const std::string_view view(reinterpret_cast<const char*>(bytes), count);
    if (exchange_->put(view, [taken, count] { taken.set(count); })) return pplx::task_from_result(count);
    return pplx::create_task(taken);
  }
  pplx::task<int_type> _putc(std::uint8_t byte) override {
    return _putn(&byte, 1).then([byte](std::size_t) { return int_type{byte}; });
  }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  pplx::task<int_type> _bumpc() override { return no_byte(); }
  pplx::task<int_type> _getc() override { return no_byte(); }
  pplx::task<int_type> _nextc() override { return no_byte(); }
  pplx::task<int_type> _ungetc() override { return no_byte(); }
  int_type _sbumpc() override { return traits::eof(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<std::size_t> _getn(std::uint8_t*, std::size_t) override {
    return pplx::task_from_result(std::size_t{0});
  }
  std::size_t _scopy(std::uint8_t*, std::size_t) override { return 0; }
  std::uint8_t* _alloc(std::size_t) override { return nullptr; }
  void _commit(std::size_t) override {}

 private:
  inline static const pos_type kNowhere = static_cast<pos_type>(traits::eof());
  static pplx::task<int_type> no_byte() { return pplx::task_from_result(int_type{traits::eof()}); }

  std::shared_ptr<Exchange> exchange_;
};

}  // namespace seraphim::kubernetes
