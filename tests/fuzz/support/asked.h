/* A request as a line: "@10.0.0.1 POST a.test/x/y?z X-K: v | X-K: w", of which the client and the
 * fields may be missing. */
#ifndef TESTS_FUZZ_SUPPORT_ASKED_H
#define TESTS_FUZZ_SUPPORT_ASKED_H

#include <stdlib.h>

#include "lb/contract/host_name.h"
#include "lb/contract/url_path.h"
#include "lb/route/question.h"
#include "tests/fuzz/support/plain_request.h"
#include "tests/fuzz/support/target.h"

/* What lb and what a plain reader make of it. */
struct asked {
    struct question question, plain;
    struct address client;
    struct view fields;
    struct text plain_host, plain_path;
    char host[HOST_NAME_BYTES_MAX];
    char *room;
};

/* "name: value", with "|" between them. */
static inline struct view asked_next_field(const void *message, struct view name, unsigned *seen)
{
    struct view rest = *(const struct view *)message;
    for (unsigned i = 0; rest.ptr; i++) {
        struct view value = view_cut(&rest, '|'), found = view_cut(&value, ':');
        if (i < *seen || !value.ptr || !view_eq_nocase(view_trim(found), name))
            continue;
        *seen = i + 1;
        return view_trim(value);
    }
    return view_of(NULL, 0);
}

static inline void asked_take_client(struct asked *asked)
{
    struct view client = VIEW("10.1.2.3");
    if (view_starts_with(asked->fields, VIEW("@")))
        client = view_skip(view_cut(&asked->fields, ' '), 1);
    if (address_parse_ip(client, 4, &asked->client))
        asked->question.client = &asked->client;
}

/* False: it is refused, by both. To be handed to asked_fini either way. */
static inline bool asked_spell(struct asked *asked, struct view authority, struct view path)
{
    struct question *question = &asked->question;
    asked->room = malloc(path.len + 1);
    question->host = host_name_of(authority, asked->host);
    bool is_taken = url_path_normalise(path, asked->room, &question->path) != URL_PATH_REFUSED;
    plain_request_host(authority, &asked->plain_host);
    TARGET_CHECK(plain_request_path(path, &asked->plain_path) == is_taken);
    asked->plain = *question;
    asked->plain.host = text_view(&asked->plain_host);
    asked->plain.path = text_view(&asked->plain_path);
    TARGET_CHECK(!is_taken || (view_eq(asked->plain.host, question->host) &&
                               view_eq(asked->plain.path, question->path)));
    return is_taken;
}

/* False: the line is none, or it is refused. Fills `asked`, which stays where it is. */
static inline bool asked_read(struct asked *asked, struct view line,
                              struct pattern_scratch *scratch)
{
    *asked = (struct asked){.fields = view_trim(line)};
    asked_take_client(asked);
    struct view method = view_cut(&asked->fields, ' '), query = view_cut(&asked->fields, ' ');
    if (!query.ptr)
        return false;
    ptrdiff_t slash = view_find(query, '/');
    struct view authority = view_of(query.ptr, slash < 0 ? query.len : (size_t)slash);
    query = view_skip(query, authority.len);
    struct view path = view_cut(&query, '?');
    asked->question.query = query;
    asked->question.method = method;
    asked->question.next_field = asked_next_field;
    asked->question.message = &asked->fields;
    asked->question.scratch = scratch;
    return asked_spell(asked, authority, path);
}

static inline void asked_fini(struct asked *asked)
{
    free(asked->room);
    text_fini(&asked->plain_host);
    text_fini(&asked->plain_path);
}

#endif
