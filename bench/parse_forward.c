/* What lb computes for one request, without sockets: a browser's request is parsed and its head
 * made for the backend, then the backend's answer is parsed and its head made for the client. Run
 * under callgrind with two numbers of turns, the difference is instructions per request.
 *
 *     parse_forward TURNS
 */
#include <stdio.h>
#include <stdlib.h>

#include "lb/http/forward.h"
#include "lb/http/parser.h"

/* Firefox 128 asking for a page: 12 fields. */
static const char request_text[] =
    "GET /products/42?color=blue&size=m HTTP/1.1\r\n"
    "Host: shop.example\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    "\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://shop.example/products\r\n"
    "Cookie: session=6f1a0c5e9b7d4a3f8e2d1c0b; theme=dark\r\n"
    "Connection: keep-alive\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Priority: u=0, i\r\n"
    "\r\n";

static const char response_text[] = "HTTP/1.1 200 OK\r\n"
                                    "Date: Sun, 22 Nov 2026 08:00:00 GMT\r\n"
                                    "Server: appserver\r\n"
                                    "Content-Type: text/html; charset=utf-8\r\n"
                                    "Cache-Control: no-cache\r\n"
                                    "Content-Length: 2\r\n"
                                    "\r\n"
                                    "ok";

struct half {
    struct parser_setup setup;
    struct parser parser;
    struct view text;
    struct block *out;
};

static void init_half(struct half *half, enum parser_kind kind, struct view text,
                      struct block_pool *blocks)
{
    struct parser_limits limits = {
        .max_head_bytes = 16384, .max_field_count = 100, .max_target_bytes = 8192};
    parser_setup_init(&half->setup, kind, &limits);
    half->text = text;
    half->out = block_take(blocks, BLOCK_SMALL_BYTES);
}

/* Parses the message from start to end; `head` is called once its head is there. */
static void parse(struct half *half, void (*head)(struct half *, struct rng *), struct rng *rng)
{
    struct view input = half->text, piece;
    parser_init(&half->parser, &half->setup);
    half->out->len = 0;
    for (;;) {
        switch (parser_step(&half->parser, &input, &piece)) {
        case PARSER_HEAD:
            head(half, rng);
            if (half->parser.phase != PARSER_AT_END)
                break;
            /* fall through */
        case PARSER_END:
            parser_fini(&half->parser);
            return;
        case PARSER_BODY:
            break;
        default:
            fprintf(stderr, "the text is no message\n");
            exit(1);
        }
    }
}

static void on_request_head(struct half *half, struct rng *rng)
{
    struct forward_request options = {.client_ip = VIEW("192.0.2.17"),
                                      .scheme = VIEW("http"),
                                      .default_host = VIEW("appserver"),
                                      .rng = rng};
    struct forwarded forwarded;
    if (forward_request_bound(&half->parser.head, &options) <= block_room(half->out))
        forward_request(&half->parser.head, &options, half->out, &forwarded);
}

static void on_response_head(struct half *half, struct rng *rng)
{
    struct forward_response options = {.connection = FORWARD_PERSISTS};
    (void)rng;
    if (forward_response_bound(&half->parser.head) <= block_room(half->out))
        forward_response(&half->parser.head, &options, half->out);
}

int main(int argc, char **argv)
{
    static struct half request, response;
    struct block_pool blocks = {0};
    struct rng rng = {.state = 1};
    unsigned long turns = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    size_t bytes = 0;
    init_half(&request, PARSER_REQUEST, VIEW(request_text), &blocks);
    init_half(&response, PARSER_RESPONSE, VIEW(response_text), &blocks);
    for (unsigned long i = 0; i < turns; i++) {
        parse(&request, on_request_head, &rng);
        parse(&response, on_response_head, &rng);
        bytes += request.out->len + response.out->len;
    }
    printf("%lu turns, %zu bytes of heads each\n", turns, turns ? bytes / turns : 0);
    block_give(&blocks, request.out);
    block_give(&blocks, response.out);
    block_pool_fini(&blocks);
    return bytes == 0;
}
