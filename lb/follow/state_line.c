#include "lb/follow/state_line.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/key.h"

/* How far from where it is expected an object of the last line is looked for: so many may come or
 * go in one place before those behind them are parsed again. */
#define SEARCH_STEPS 16

#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK)

/* One object, from its brace to its brace: whatever follows, these bytes mean the same. */
struct state_line_piece {
    size_t at, len;
    json_t *object;                        /* borrowed from the root */
    size_t first_endpoint, endpoint_count; /* of a service: among the pieces that are endpoints */
};

struct reader {
    struct state_line *line;
    const struct state_line *before;
    struct view bytes, rest;
    size_t expected[STATE_LINE_KIND_COUNT]; /* the piece of `before` that probably comes next */
    struct text *problem;
};

typedef json_t *read_value(struct reader *reader, const char *key);

void state_line_clear(struct state_line *line)
{
    json_decref(line->root);
    line->root = NULL;
    text_clear(&line->text);
    for (unsigned kind = 0; kind < STATE_LINE_KIND_COUNT; kind++)
        line->pieces[kind].count = 0;
}

void state_line_fini(struct state_line *line)
{
    state_line_clear(line);
    text_fini(&line->text);
    for (unsigned kind = 0; kind < STATE_LINE_KIND_COUNT; kind++)
        free(line->pieces[kind].items);
    *line = (struct state_line){.text = TEXT_INIT};
}

static json_t *fail(struct reader *reader, size_t skip, const char *why)
{
    size_t at = (size_t)(reader->rest.ptr - reader->bytes.ptr) + skip;
    text_appendf(reader->problem, "no JSON at byte %zu: %s", at, why);
    return NULL;
}

static void skip_space(struct reader *reader)
{
    struct view *rest = &reader->rest;
    while (rest->len > 0 && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t' || rest->ptr[0] == '\r' ||
                             rest->ptr[0] == '\n'))
        *rest = view_skip(*rest, 1);
}

/* Whether the next byte that is no space is `c`. */
static bool is_next(struct reader *reader, char c)
{
    skip_space(reader);
    return reader->rest.len > 0 && reader->rest.ptr[0] == c;
}

static bool take(struct reader *reader, char c)
{
    if (!is_next(reader, c))
        return false;
    reader->rest = view_skip(reader->rest, 1);
    return true;
}

/* Takes one value of any kind and leaves what follows it. */
static json_t *read_any(struct reader *reader)
{
    json_error_t error;
    json_t *value = json_loadb(reader->rest.ptr, reader->rest.len, FLAGS, &error);
    if (!value)
        return fail(reader, (size_t)error.position, error.text);
    reader->rest = view_skip(reader->rest, (size_t)error.position);
    return value;
}

static bool read_key(struct reader *reader, const json_t *object, json_t **key)
{
    if (!is_next(reader, '"'))
        return fail(reader, 0, "string or '}' expected");
    *key = read_any(reader);
    if (!*key)
        return false;
    if (!json_object_get(object, json_string_value(*key)) && take(reader, ':'))
        return true;
    json_decref(*key);
    return fail(reader, 0, "':' after a key that was not there before expected");
}

/* The members of an object, each by `read`. */
static json_t *read_object(struct reader *reader, read_value *read)
{
    if (!take(reader, '{'))
        return read_any(reader);
    json_t *object = json_object(), *key = NULL, *value;
    if (take(reader, '}'))
        return object;
    do {
        if (!read_key(reader, object, &key))
            break;
        value = read(reader, json_string_value(key));
        json_object_set_new(object, json_string_value(key), value);
        json_decref(key);
        if (!value)
            break;
        if (take(reader, '}'))
            return object;
        if (!is_next(reader, ','))
            fail(reader, 0, "',' or '}' expected");
    } while (take(reader, ','));
    json_decref(object);
    return NULL;
}

static json_t *read_array(struct reader *reader, json_t *(*read)(struct reader *reader))
{
    if (!take(reader, '['))
        return read_any(reader);
    json_t *array = json_array(), *value;
    if (take(reader, ']'))
        return array;
    do {
        value = read(reader);
        json_array_append_new(array, value);
        if (!value)
            break;
        if (take(reader, ']'))
            return array;
        if (!is_next(reader, ','))
            fail(reader, 0, "',' or ']' expected");
    } while (take(reader, ','));
    json_decref(array);
    return NULL;
}

/* ---- objects that are shared ----------------------------------------------------------------- */

static struct state_line_piece *add_piece(struct reader *reader, enum state_line_kind kind)
{
    struct state_line_pieces *pieces = &reader->line->pieces[kind];
    if (pieces->count == pieces->room) {
        pieces->room = 2 * pieces->room + 16;
        pieces->items = memory_resize(pieces->items, pieces->room * sizeof(*pieces->items));
    }
    return &pieces->items[pieces->count++];
}

/* The piece that the rest begins with, if it is one of those near the expected one; else NULL. */
static const struct state_line_piece *find_piece(struct reader *reader, enum state_line_kind kind)
{
    const struct state_line *before = reader->before;
    const struct state_line_pieces *pieces = &before->pieces[kind];
    for (size_t step = 0; step <= 2 * SEARCH_STEPS; step++) { /* 0, 1, -1, 2, -2 … */
        size_t index = reader->expected[kind] + (step % 2 ? (step + 1) / 2 : -(step / 2));
        if (index >= pieces->count)
            continue; /* also what is less than 0 */
        const struct state_line_piece *piece = &pieces->items[index];
        if (view_starts_with(reader->rest, view_of(before->text.bytes + piece->at, piece->len))) {
            reader->expected[kind] = index + 1;
            return piece;
        }
    }
    reader->expected[kind]++;
    return NULL;
}

/* Those of a service of the last line, which is at `at` now. */
static void take_endpoints(struct reader *reader, const struct state_line_piece *service, size_t at)
{
    const struct state_line_pieces *before = &reader->before->pieces[STATE_LINE_ENDPOINTS];
    size_t end = service->first_endpoint + service->endpoint_count;
    for (size_t i = service->first_endpoint; i < end; i++) {
        struct state_line_piece *piece = add_piece(reader, STATE_LINE_ENDPOINTS);
        *piece = before->items[i];
        piece->at = piece->at - service->at + at;
    }
    if (service->endpoint_count > 0)
        reader->expected[STATE_LINE_ENDPOINTS] = end;
}

/* One that is known, or by `read`. */
static json_t *read_piece(struct reader *reader, enum state_line_kind kind,
                          json_t *(*read)(struct reader *reader))
{
    if (!is_next(reader, '{'))
        return read_any(reader);
    const struct state_line_pieces *endpoints = &reader->line->pieces[STATE_LINE_ENDPOINTS];
    size_t first_endpoint = endpoints->count;
    const char *from = reader->rest.ptr;
    size_t at = (size_t)(from - reader->bytes.ptr);
    const struct state_line_piece *known = find_piece(reader, kind);
    json_t *object = known ? json_incref(known->object) : read(reader);
    if (known) {
        take_endpoints(reader, known, at);
        reader->rest = view_skip(reader->rest, known->len);
    }
    const struct state_line_piece piece = {.at = at,
                                           .len = (size_t)(reader->rest.ptr - from),
                                           .object = object,
                                           .first_endpoint = first_endpoint,
                                           .endpoint_count = endpoints->count - first_endpoint};
    if (object)
        *add_piece(reader, kind) = piece;
    return object;
}

/* ---- the line -------------------------------------------------------------------------------- */

static json_t *read_endpoint(struct reader *reader)
{
    return read_piece(reader, STATE_LINE_ENDPOINTS, read_any);
}

static json_t *read_of_service(struct reader *reader, const char *key)
{
    return strcmp(key, KEY_ENDPOINTS) == 0 ? read_array(reader, read_endpoint) : read_any(reader);
}

static json_t *read_members_of_service(struct reader *reader)
{
    return read_object(reader, read_of_service);
}

static json_t *read_service(struct reader *reader)
{
    return read_piece(reader, STATE_LINE_SERVICES, read_members_of_service);
}

static json_t *read_route(struct reader *reader)
{
    return read_piece(reader, STATE_LINE_ROUTES, read_any);
}

static json_t *read_listener(struct reader *reader)
{
    return read_piece(reader, STATE_LINE_LISTENERS, read_any);
}

static json_t *read_of_root(struct reader *reader, const char *key)
{
    if (strcmp(key, KEY_ROUTES) == 0)
        return read_array(reader, read_route);
    if (strcmp(key, KEY_LISTENERS) == 0)
        return read_array(reader, read_listener);
    return strcmp(key, KEY_SERVICES) == 0 ? read_array(reader, read_service) : read_any(reader);
}

bool state_line_parse(struct state_line *line, const struct state_line *before, struct view bytes,
                      struct text *problem)
{
    struct reader reader = {
        .line = line, .before = before, .bytes = bytes, .rest = bytes, .problem = problem};
    state_line_clear(line);
    line->root = read_object(&reader, read_of_root);
    skip_space(&reader);
    if (line->root && reader.rest.len > 0) {
        fail(&reader, 0, "end of line expected");
        state_line_clear(line);
    }
    if (line->root)
        text_append(&line->text, bytes);
    return line->root != NULL;
}

void state_line_replace(struct state_line *line, json_t *root)
{
    json_decref(line->root);
    line->root = root;
    for (unsigned kind = 0; kind < STATE_LINE_KIND_COUNT; kind++)
        line->pieces[kind].count = 0;
}
