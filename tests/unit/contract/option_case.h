/* Values of options, good and bad, as rows. Includes cmocka. */
#ifndef TESTS_UNIT_CONTRACT_OPTION_CASE_H
#define TESTS_UNIT_CONTRACT_OPTION_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/contract/route_option.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Up to the remedy: `max-body "x" is no size`. NULL: it is taken. */
struct option_row {
    enum route_option_kind kind;
    const char *value;
    const char *fault;
};

static inline void assert_option(const struct option_row *row)
{
    struct text problem = TEXT_INIT, want = TEXT_INIT;
    bool is_good =
        route_option_check(&(struct route_option){row->kind, view_str(row->value)}, &problem);
    if (row->fault)
        text_appendf(&want, "%s \"%s\" %s; %s is accepted", route_option_word(row->kind),
                     row->value, row->fault, route_option_accepted(row->kind));
    if (is_good != (row->fault == NULL))
        fail_msg("%s: %s", row->value, is_good ? "is taken" : text_str(&problem));
    assert_string_equal(text_str(&problem), text_str(&want));
    text_fini(&problem);
    text_fini(&want);
}

static inline void assert_options(const struct option_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_option(&rows[i]);
}

#endif
