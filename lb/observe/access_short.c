#include "lb/observe/access_short.h"

#include "lb/base/colour.h"
#include "lb/observe/access_limits.h"
#include "lb/observe/access_text.h"

#define PLACE_BYTES    400 /* of a target: what does not fit on a screen is in the other forms */
#define DURATION_WIDTH 7   /* "99.9 ms" */
#define METHOD_WIDTH   4

static void put_colour(struct line *line, const char *colour, bool is_coloured)
{
    if (is_coloured)
        line_append(line, view_str(colour));
}

static void put_spaces(struct line *line, size_t count)
{
    while (count-- > 0)
        LINE_LITERAL(line, " ");
}

/* 19:47:12.123 */
static void put_time(struct line *line, const struct stamp *stamp)
{
    line_append(line, view_of(stamp->iso + 11, 9));
    line_digits(line, stamp->nanosecond / 1000000, 3);
}

static bool is_good(const struct record *record)
{
    return record->end == ERR_OK || record->end == ERR_IDLE;
}

static const char *colour_of(const struct record *record)
{
    unsigned status = access_text_status(record);
    if (status >= 500 || (record_is_passing(record) && !is_good(record)))
        return COLOUR_RED;
    if (status >= 400)
        return COLOUR_YELLOW;
    return status >= 300 || status < 200 ? COLOUR_CYAN : COLOUR_GREEN;
}

/* Connections and flows have none: what they are stands there. */
static void put_status(struct line *line, const struct record *record)
{
    if (record_is_passing(record))
        line_append(line, access_text_protocol(record));
    else
        line_digits(line, access_text_status(record), 3);
}

/* "1.2 ms", "950 ms", "12.3 s", as wide as the others. */
static void put_duration(struct line *line, uint64_t total_ns)
{
    uint64_t tenths = total_ns / 100000;
    struct view unit = VIEW(" ms");
    char digits[32];
    if (tenths >= 10000) {
        tenths = total_ns / 100000000;
        unit = VIEW(" s");
    }
    struct line number = {digits, digits + sizeof(digits)};
    line_uint(&number, tenths / 10);
    if (unit.len == 2 || tenths < 1000) {
        LINE_LITERAL(&number, ".");
        line_digits(&number, tenths % 10, 1);
    }
    line_append(&number, unit);
    size_t len = (size_t)(number.at - digits);
    put_spaces(line, len < DURATION_WIDTH ? DURATION_WIDTH - len : 0);
    line_append(line, view_of(digits, len));
}

static void put_method(struct line *line, const struct record *record)
{
    const char *before = line->at;
    line_foreign_or_dash(line, record->method, LINE_WORD, ACCESS_METHOD_BYTES);
    size_t len = (size_t)(line->at - before);
    put_spaces(line, len < METHOD_WIDTH ? METHOD_WIDTH - len : 0);
    LINE_LITERAL(line, " ");
}

/* shop.example.com/cart, or 0.0.0.0:443/a.test of a connection. */
static void put_place(struct line *line, const struct record *record)
{
    if (record_is_passing(record)) {
        line_foreign_or_dash(line, record->listener, LINE_WORD, ACCESS_IP_BYTES);
        if (record->host.len > 0)
            LINE_LITERAL(line, "/");
        line_foreign(line, record->host, LINE_WORD, ACCESS_HOST_BYTES);
        return;
    }
    put_method(line, record);
    bool is_whole = record->target.len > 0 && record->target.ptr[0] != '/';
    if (!is_whole)
        line_foreign(line, record->host, LINE_WORD, ACCESS_HOST_BYTES);
    access_text_put_url(line, record->target, LINE_WORD, PLACE_BYTES);
}

static void put_server(struct line *line, const struct record *record)
{
    if (record->service.len == 0 && record->endpoint_name.len == 0)
        return;
    LINE_LITERAL(line, " \xE2\x86\x92 ");
    line_foreign_or_dash(line, record->service, LINE_WORD, ACCESS_NAME_BYTES);
    LINE_LITERAL(line, "/");
    line_foreign_or_dash(line, record->endpoint_name, LINE_WORD, ACCESS_NAME_BYTES);
}

static void put_trouble(struct line *line, const struct record *record, bool is_coloured)
{
    if (!is_good(record)) {
        LINE_LITERAL(line, " ");
        put_colour(line, colour_of(record), is_coloured);
        line_append(line, view_str(err_word(record->end)));
        put_colour(line, COLOUR_NONE, is_coloured);
    }
    if (record->attempt_count > 1 && (record->retried_after & ~UINT64_C(1)) != 0) {
        LINE_LITERAL(line, " ");
        put_colour(line, COLOUR_YELLOW, is_coloured);
        LINE_LITERAL(line, "again after ");
        access_text_put_retries(line, record);
        put_colour(line, COLOUR_NONE, is_coloured);
    }
}

void access_short_put(struct line *line, const struct record *record, const struct stamp *stamp,
                      bool is_coloured)
{
    put_colour(line, COLOUR_DIM, is_coloured);
    put_time(line, stamp);
    put_colour(line, COLOUR_NONE, is_coloured);
    LINE_LITERAL(line, " ");
    put_colour(line, colour_of(record), is_coloured);
    put_status(line, record);
    put_colour(line, COLOUR_NONE, is_coloured);
    LINE_LITERAL(line, " ");
    put_duration(line, record->total_ns);
    LINE_LITERAL(line, " ");
    put_place(line, record);
    put_server(line, record);
    LINE_LITERAL(line, " ");
    put_colour(line, COLOUR_DIM, is_coloured);
    line_foreign_or_dash(line, access_text_client(record), LINE_WORD, ACCESS_IP_BYTES);
    put_colour(line, COLOUR_NONE, is_coloured);
    put_trouble(line, record, is_coloured);
}
