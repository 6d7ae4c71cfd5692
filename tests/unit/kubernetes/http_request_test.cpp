// The head of a request, and what is none.
#include "kubernetes/http_request.h"

#include <gtest/gtest.h>

namespace seraphim::kubernetes {
namespace {

TEST(HttpRequest, MethodPathAndQuery) {
  EXPECT_EQ(parse_http_request("GET /livez?verbose&a=b HTTP/1.1\r\nHost: x\r\n\r\n"),
            (HttpRequestHead{"GET", "/livez", "verbose&a=b"}));
  EXPECT_EQ(parse_http_request("HEAD /%2e HTTP/1.0\n\n"), (HttpRequestHead{"HEAD", "/%2e", ""}))
      << "nothing is decoded";
}

TEST(HttpRequest, WhatIsNoneIsRefused) {
  for (const char* head :
       {"", "\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "get / HTTP/1.1\r\n\r\n",
        "GET livez HTTP/1.1\r\n\r\n", "GET http://x/ HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\n\r\n", "GET / FTP/1.1\r\n\r\n", "GET * HTTP/1.1\r\n\r\n"}) {
    const auto request = parse_http_request(head);
    ASSERT_FALSE(request) << head;
    EXPECT_EQ(request.error(), 400) << head;
  }
  EXPECT_EQ(parse_http_request("PRI * HTTP/2.0\r\n\r\n").error(), 505);
  EXPECT_EQ(parse_http_request("GET / HTTP/1.2\r\n\r\n").error(), 505);
}

}  // namespace
}  // namespace seraphim::kubernetes
