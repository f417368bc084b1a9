/* Routes from rows, and requests that ask for them. Includes cmocka. */
#ifndef TESTS_UNIT_ROUTE_TABLE_CASE_H
#define TESTS_UNIT_ROUTE_TABLE_CASE_H

#include "lb/contract/url_path.h"
#include "lb/route/route_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HOST(text)                                                                                 \
    {                                                                                              \
        ROUTE_HOST, VIEW(text)                                                                     \
    }
#define HOST_REGEX(text)                                                                           \
    {                                                                                              \
        ROUTE_HOST_REGEX, VIEW(text)                                                               \
    }
#define PATH(text)                                                                                 \
    {                                                                                              \
        ROUTE_PATH, VIEW(text)                                                                     \
    }
#define PATH_EXACT(text)                                                                           \
    {                                                                                              \
        ROUTE_PATH_EXACT, VIEW(text)                                                               \
    }
#define PATH_START(text)                                                                           \
    {                                                                                              \
        ROUTE_PATH_START, VIEW(text)                                                               \
    }
#define PATH_REGEX(text)                                                                           \
    {                                                                                              \
        ROUTE_PATH_REGEX, VIEW(text)                                                               \
    }

/* "name: value" lines; `message` is all of them. */
static inline struct view next_field(const void *message, struct view name, unsigned *seen)
{
    struct view rest = view_str(message);
    for (unsigned i = 0; rest.ptr; i++) {
        struct view value = view_cut(&rest, '\n');
        struct view found = view_cut(&value, ':');
        if (i < *seen || !value.ptr || !view_eq_nocase(found, name))
            continue;
        *seen = i + 1;
        return view_trim(value);
    }
    return view_of(NULL, 0);
}

static struct pattern_scratch *scratch;

static inline int set_up(void **state)
{
    (void)state;
    scratch = pattern_scratch_new();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    pattern_scratch_free(scratch);
    return 0;
}

/* "POST a.test/path?query", without a method: GET. */
struct asked {
    struct question question;
    char host[HOST_NAME_BYTES_MAX], path[512];
};

static inline const struct question *ask(struct asked *asked, const char *line, const char *fields)
{
    struct view rest = view_str(line), method = VIEW("GET");
    if (view_find(rest, ' ') >= 0)
        method = view_cut(&rest, ' ');
    ptrdiff_t slash = view_find(rest, '/');
    size_t host_len = slash >= 0 ? (size_t)slash : rest.len;
    struct view query = view_skip(rest, host_len), path = view_cut(&query, '?');
    asked->question =
        (struct question){.host = host_name_of(view_of(rest.ptr, host_len), asked->host),
                          .query = query,
                          .method = method,
                          .next_field = next_field,
                          .message = fields ? fields : "",
                          .scratch = scratch};
    url_path_normalise(path, asked->path, &asked->question.path);
    return &asked->question;
}

/* The service that the request goes to; "-": none. By all ways to find it. */
static inline const char *find(const struct route_table *table, const char *line,
                               const char *fields)
{
    static char name[64];
    struct asked asked;
    const struct question *question = ask(&asked, line, fields);
    uint32_t number = route_table_find(table, question);
    struct route_table_hosts met;
    struct view authority = view_str(line);
    view_cut(&authority, ' ');
    if (!authority.ptr)
        authority = view_str(line);
    authority.len =
        view_find(authority, '/') < 0 ? authority.len : (size_t)view_find(authority, '/');
    bool are_all = route_table_meet(table, authority, &met);
    assert_true(view_eq(met.host, question->host));
    if (are_all)
        assert_int_equal(route_table_find_among(table, &met, question), number);
    assert_int_equal(route_table_explain(table, question).winner, number);
    if (number == ROUTE_TABLE_NONE)
        return "-";
    struct view service = table->rules[number]->route.service;
    memcpy(name, service.ptr, service.len);
    name[service.len] = '\0';
    return name;
}

#endif
