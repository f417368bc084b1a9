#include "lb/http/forward.h"

#include <assert.h>
#include <stdio.h>

#include "lb/http/chars.h"
#include "lb/http/claim.h"
#include "lb/http/identity.h"
#include "lb/http/via.h"

/* All fixed texts that one head can get, with room to spare. */
#define ADDED_BYTES 320

static void put(struct block *out, struct view bytes)
{
    assert(block_room(out) >= bytes.len);
    block_append(out, bytes);
}

/* As one list, whatever lines they came in. */
static void put_protocols(const struct head *head, struct block *out)
{
    struct head_list list = {.head = head, .id = FIELD_UPGRADE};
    struct view protocol;
    struct view before = VIEW("\r\nConnection: Upgrade\r\nUpgrade: ");
    for (; head_next_protocol(&list, &protocol); before = VIEW(", ")) {
        put(out, before);
        put(out, protocol);
    }
}

static enum claim claim_of_field(const struct head *head, const struct field *field)
{
    return field->id == FIELD_OTHER ? claim_of(head_field_name(head, field)) : CLAIM_NONE;
}

/* Without those that lb writes itself, or leaves out, beside the hop-by-hop ones. */
static bool is_request_line_kept(const struct head *head, const struct field *field)
{
    switch (field->id) {
    case FIELD_X_FORWARDED_FOR:
    case FIELD_X_FORWARDED_PROTO:
    case FIELD_X_FORWARDED_HOST:
    case FIELD_X_FORWARDED_PORT:
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

static bool is_line_kept(const struct head *head, const struct field *field)
{
    return is_request_line_kept(head, field) && claim_of_field(head, field) == CLAIM_NONE;
}

static bool is_trusted_line_kept(const struct head *head, const struct field *field)
{
    return is_request_line_kept(head, field) && claim_of_field(head, field) != CLAIM_ALIAS;
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
        run_end = (uint32_t)(head_line_end(head, i) - head->base);
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

static struct identity identity_of(const struct head *head, const struct forward_request *options)
{
    return (struct identity){.client_ip = options->client_ip,
                             .is_trusted = options->is_trusted,
                             .adds_forwarded = options->adds_forwarded,
                             .trust = options->trust,
                             .scheme = options->scheme,
                             .host = host_of(head, options)};
}

size_t forward_request_bound(const struct head *head, const struct forward_request *options)
{
    struct identity identity = identity_of(head, options);
    size_t protocols = head->wants_upgrade ? head->len : 0; /* a space behind each comma */
    return head->len + protocols + identity.host.len + identity_bound(head, &identity) +
           VIA_LINE_BYTES + ADDED_BYTES;
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
    struct identity identity = identity_of(head, options);
    put_request_line(head, out);
    if (!has_host) {
        put(out, VIEW("Host: "));
        put(out, identity.host);
        put(out, VIEW("\r\n"));
    }
    put_kept_lines(head, options->is_trusted ? is_trusted_line_kept : is_line_kept, out);
    if (head->framing == FRAMING_CHUNKED)
        put(out, VIEW("Transfer-Encoding: chunked\r\n"));
    identity_put(head, &identity, out);
    put_max_forwards(head, out);
    if (!options->omits_via)
        via_put(head, options->instance, out);
    if (head->wants_upgrade) {
        put_protocols(head, out);
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
    if (head->status >= 200 && options->date.len > 0 && !head_find(head, FIELD_DATE)) {
        put(out, VIEW("Date: "));
        put(out, options->date);
        put(out, VIEW("\r\n"));
    }
    if (options->is_chunked)
        put(out, VIEW("Transfer-Encoding: chunked\r\n"));
    put_connection(head, options->connection, out);
    put(out, VIEW("\r\n"));
}

/* What `line` has behind its name and colon, which are so long. */
static struct view value_behind(struct view line, size_t len)
{
    if (line.ptr[line.len - 1] == '\r')
        line.len--;
    return view_trim(view_skip(line, len));
}

/* Fills `*value` if it is empty and the line has that name (in lower case). */
static void read_value(struct view line, struct view name, struct view *value)
{
    if (!value->ptr && line.len > name.len && line.ptr[name.len] == ':' &&
        view_eq_nocase(view_of(line.ptr, name.len), name))
        *value = value_behind(line, name.len + 1);
}

struct view forward_find(struct view head, struct view name)
{
    struct view value = view_of(NULL, 0);
    while (head.ptr && !value.ptr)
        read_value(view_cut(&head, '\n'), name, &value);
    return value;
}

struct forward_values forward_read(struct view fields)
{
    struct view own = VIEW("X-Forwarded-For:"); /* the first line of identity_put */
    struct forward_values values = {0};
    while (fields.ptr) {
        struct view line = view_cut(&fields, '\n');
        if (view_starts_with(line, own)) {
            values.forwarded_for = value_behind(line, own.len);
            break;
        }
        switch (line.len > 0 ? view_lower_char(line.ptr[0]) : '\0') {
        case 'h':
            read_value(line, VIEW("host"), &values.host);
            break;
        case 'r':
            read_value(line, VIEW("referer"), &values.referrer);
            break;
        case 'u':
            read_value(line, VIEW("user-agent"), &values.user_agent);
            break;
        default:
            break;
        }
    }
    return values;
}
