#include "lb/http/forward.h"

#include <assert.h>
#include <stdio.h>

#include "lb/http/chars.h"

/* All fixed texts that one head can get, with room to spare. */
#define ADDED_BYTES 512

static void put(struct block *out, struct view bytes)
{
    assert(block_room(out) >= bytes.len);
    block_append(out, bytes);
}

static uint32_t line_end(const struct head *head, unsigned index)
{
    return index + 1 < head->field_count ? head->fields[index + 1].name_at : head->len - 2;
}

/* Lines that lb writes itself, or leaves out, beside the hop-by-hop ones. */
static bool is_request_line_kept(const struct head *head, const struct field *field)
{
    switch (field->id) {
    case FIELD_X_FORWARDED_FOR:
    case FIELD_X_FORWARDED_PROTO:
    case FIELD_X_FORWARDED_HOST:
    case FIELD_X_REAL_IP:
    case FIELD_X_REQUEST_ID:
    case FIELD_FORWARDED:
        return false;
    case FIELD_MAX_FORWARDS:
        return !head->has_max_forwards;
    case FIELD_HOST:
        return head->form != TARGET_ABSOLUTE;
    case FIELD_EXPECT:
        return head->expects_continue;
    default:
        return !field->is_dropped;
    }
}

static bool is_response_line_kept(const struct head *head, const struct field *field)
{
    bool has_no_length = head->status < 200 || head->status == 204;
    return !field->is_dropped && !(has_no_length && field->id == FIELD_CONTENT_LENGTH);
}

/* Copies the kept lines, neighbours in one piece. */
static void put_kept_lines(const struct head *head,
                           bool (*is_kept)(const struct head *, const struct field *),
                           struct block *out)
{
    uint32_t run_at = 0, run_end = 0;
    for (unsigned i = 0; i < head->field_count; i++) {
        const struct field *field = &head->fields[i];
        if (!is_kept(head, field))
            continue;
        if (field->name_at != run_end) {
            put(out, view_of(head->base + run_at, run_end - run_at));
            run_at = field->name_at;
        }
        run_end = line_end(head, i);
    }
    put(out, view_of(head->base + run_at, run_end - run_at));
}

static struct view host_of(const struct head *head, const struct forward_request *options)
{
    const struct field *field = head_find(head, FIELD_HOST);
    if (head->form == TARGET_ABSOLUTE)
        return head->authority;
    return field ? head_field_value(head, field) : options->default_host;
}

size_t forward_request_bound(const struct head *head, const struct forward_request *options)
{
    return head->len + 3 * host_of(head, options).len + options->client_ip.len * 3 + ADDED_BYTES;
}

static void put_request_line(const struct head *head, struct block *out)
{
    put(out, head->method);
    put(out, VIEW(" "));
    if (head->path.len == 0 && head_is_method(head, VIEW("OPTIONS")))
        put(out, VIEW("*")); /* RFC 9112 § 3.2.4 */
    else if (head->path.len == 0 || head->path.ptr[0] == '?')
        put(out, VIEW("/"));
    put(out, head->path);
    put(out, VIEW(" HTTP/1.1\r\n"));
}

/* The values of all fields of that id, each followed by ", ". */
static void put_chain(const struct head *head, enum field_id id, struct block *out)
{
    for (unsigned i = 0; head->field_at[id] && i < head->field_count; i++) {
        struct view value = head_field_value(head, &head->fields[i]);
        if (head->fields[i].id == id && value.len > 0) {
            put(out, value);
            put(out, VIEW(", "));
        }
    }
}

/* What a trusted client said, else lb's own word. */
static struct view believed(const struct head *head, const struct forward_request *options,
                            enum field_id id, struct view own)
{
    const struct field *field = options->is_trusted ? head_find(head, id) : NULL;
    return field && field->value_len > 0 ? head_field_value(head, field) : own;
}

/* Forwarded, RFC 7239 § 4: an IPv6 address stands in quotes and brackets. */
static void put_forwarded(const struct head *head, const struct forward_request *options,
                          struct view host, struct block *out)
{
    bool is_v6 = view_find(options->client_ip, ':') >= 0;
    bool has_chain = options->is_trusted && head_find(head, FIELD_FORWARDED);
    if (!options->adds_forwarded && !has_chain)
        return;
    put(out, VIEW("\r\nForwarded: "));
    if (has_chain)
        put_chain(head, FIELD_FORWARDED, out);
    put(out, is_v6 ? VIEW("for=\"[") : VIEW("for="));
    put(out, options->client_ip);
    put(out, is_v6 ? VIEW("]\";proto=") : VIEW(";proto="));
    put(out, options->scheme);
    put(out, VIEW(";host=\""));
    put(out, host);
    put(out, VIEW("\""));
}

static void put_identity(const struct head *head, const struct forward_request *options,
                         struct view host, struct block *out)
{
    put(out, VIEW("X-Forwarded-For: "));
    if (options->is_trusted)
        put_chain(head, FIELD_X_FORWARDED_FOR, out);
    put(out, options->client_ip);
    put(out, VIEW("\r\nX-Forwarded-Proto: "));
    put(out, believed(head, options, FIELD_X_FORWARDED_PROTO, options->scheme));
    put(out, VIEW("\r\nX-Forwarded-Host: "));
    put(out, believed(head, options, FIELD_X_FORWARDED_HOST, host));
    put(out, VIEW("\r\nX-Real-IP: "));
    put(out, believed(head, options, FIELD_X_REAL_IP, options->client_ip));
    put_forwarded(head, options, host, out);
}

static bool is_request_id(struct view id)
{
    if (id.len == 0 || id.len > FORWARD_REQUEST_ID_BYTES)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!chars_is_id(id.ptr[i]))
            return false;
    return true;
}

/* RFC 9110 § 7.6.2. */
static void put_max_forwards(const struct head *head, struct block *out)
{
    char digits[16];
    if (!head->has_max_forwards)
        return;
    put(out, VIEW("\r\nMax-Forwards: "));
    put(out, view_of(digits, (size_t)snprintf(digits, sizeof(digits), "%u",
                                              head->max_forwards ? head->max_forwards - 1 : 0)));
}

/* Eight hexadecimal digits as the eight bytes of a number: each nibble gets a byte of its own, and
 * those above 9 go on from '9' + 1 to 'a'. */
static uint64_t hex_digits(uint32_t value)
{
    uint64_t nibbles = value;
    nibbles = (nibbles | nibbles << 16) & UINT64_C(0x0000ffff0000ffff);
    nibbles = (nibbles | nibbles << 8) & UINT64_C(0x00ff00ff00ff00ff);
    nibbles = (nibbles | nibbles << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    uint64_t is_letter =
        (nibbles + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    return nibbles + UINT64_C(0x0101010101010101) * '0' + is_letter * ('a' - '9' - 1);
}

void forward_make_request_id(struct rng *rng, char id[FORWARD_MADE_ID_BYTES])
{
    for (unsigned i = 0; i < FORWARD_MADE_ID_BYTES; i += 16) {
        uint64_t random = rng_next(rng);
        uint64_t digits[] = {hex_digits((uint32_t)random), hex_digits((uint32_t)(random >> 32))};
        memcpy(id + i, digits, sizeof(digits));
    }
}

static struct view put_request_id(const struct head *head, struct rng *rng, struct block *out)
{
    const struct field *field = head_find(head, FIELD_X_REQUEST_ID);
    put(out, VIEW("\r\nX-Request-Id: "));
    const char *at = out->bytes + out->len;
    if (field && is_request_id(head_field_value(head, field))) {
        put(out, head_field_value(head, field));
        return view_of(at, field->value_len);
    }
    char id[FORWARD_MADE_ID_BYTES];
    forward_make_request_id(rng, id);
    put(out, view_of(id, sizeof(id)));
    return view_of(at, sizeof(id));
}

struct view forward_request(const struct head *head, const struct forward_request *options,
                            struct block *out)
{
    bool has_host = head_find(head, FIELD_HOST) && head->form != TARGET_ABSOLUTE;
    struct view host = host_of(head, options);
    put_request_line(head, out);
    if (!has_host) {
        put(out, VIEW("Host: "));
        put(out, host);
        put(out, VIEW("\r\n"));
    }
    put_kept_lines(head, is_request_line_kept, out);
    if (head->framing == FRAMING_CHUNKED)
        put(out, VIEW("Transfer-Encoding: chunked\r\n"));
    put_identity(head, options, host, out);
    put_max_forwards(head, out);
    put(out, head->minor_version == 1 ? VIEW("\r\nVia: 1.1 lb") : VIEW("\r\nVia: 1.0 lb"));
    if (head->wants_upgrade) {
        put(out, VIEW("\r\nConnection: Upgrade\r\nUpgrade: "));
        put(out, head_field_value(head, head_find(head, FIELD_UPGRADE)));
    } else if (head->takes_trailers) {
        put(out, VIEW("\r\nTE: trailers\r\nConnection: TE"));
    }
    struct view id = put_request_id(head, options->rng, out);
    put(out, VIEW("\r\n\r\n"));
    return id;
}

size_t forward_response_bound(const struct head *head)
{
    return head->len + ADDED_BYTES;
}

/* Upgrade belongs to 101, and to 426, which has to name what is wanted (RFC 9110 § 15.5.22). */
static void put_connection(const struct head *head, enum forward_connection connection,
                           struct block *out)
{
    const struct field *upgrade = head_find(head, FIELD_UPGRADE);
    if (upgrade && (head->status == 101 || head->status == 426)) {
        put(out, VIEW("Upgrade: "));
        put(out, head_field_value(head, upgrade));
        put(out, connection == FORWARD_CLOSE ? VIEW("\r\nConnection: Upgrade, close\r\n")
                                             : VIEW("\r\nConnection: Upgrade\r\n"));
    } else if (connection == FORWARD_CLOSE) {
        put(out, VIEW("Connection: close\r\n"));
    } else if (connection == FORWARD_KEEP_ALIVE) {
        put(out, VIEW("Connection: keep-alive\r\n"));
    }
}

void forward_response(const struct head *head, const struct forward_response *options,
                      struct block *out)
{
    char status[] = "HTTP/1.1 000 ";
    for (unsigned i = 0, rest = head->status; i < 3; i++, rest /= 10)
        status[11 - i] = (char)('0' + rest % 10);
    put(out, view_of(status, sizeof(status) - 1));
    put(out, head->reason);
    put(out, VIEW("\r\n"));
    put_kept_lines(head, is_response_line_kept, out);
    if (options->is_chunked)
        put(out, VIEW("Transfer-Encoding: chunked\r\n"));
    put_connection(head, options->connection, out);
    put(out, VIEW("\r\n"));
}

struct view forward_find(struct view head, struct view name)
{
    while (head.ptr) {
        struct view line = view_cut(&head, '\n');
        if (line.len > name.len && line.ptr[name.len] == ':' &&
            view_eq_nocase(view_of(line.ptr, name.len), name)) {
            if (line.ptr[line.len - 1] == '\r')
                line.len--;
            return view_trim(view_skip(line, name.len + 1));
        }
    }
    return view_of(NULL, 0);
}
