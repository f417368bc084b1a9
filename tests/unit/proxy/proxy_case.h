/* What the tests of this folder say again and again. Includes cmocka. */
#ifndef TESTS_UNIT_PROXY_PROXY_CASE_H
#define TESTS_UNIT_PROXY_PROXY_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "tests/sim/world.h"

#define GET  "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
#define PUT  "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
#define ASKS "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
#define GOES "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
#define OK   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

#define assert_word(wire, word) assert_string_equal(world_word_of(wire), word)
#define assert_end(world, err)  assert_string_equal(err_word((world)->end), err_word(err))

/* What the far end got since the last time contains it. */
#define assert_heard(wire, piece)   assert_non_null(strstr(world_hear(wire), piece))
#define assert_silent(wire)         assert_string_equal(world_hear(wire), "")
#define assert_status(wire, digits) assert_memory_equal(world_hear(wire), "HTTP/1.1 " digits, 12)

/* Nothing has happened `ms` later, but two ticks of the wheel after that something has. */
#define DEADLINE_SLACK_MS 64u

static inline unsigned backend_count(void)
{
    unsigned count = 0;
    while (world_backend(count))
        count++;
    return count;
}

/* All connects that wait for an answer are refused; those that follow from it wait. Gives how many
 * there were. */
static inline unsigned refuse_waiting(void)
{
    unsigned refused_count = 0;
    for (unsigned i = backend_count(); i-- > 0;) {
        if (strcmp(world_word_of(world_backend(i)), "connecting") != 0)
            continue;
        world_connect(world_backend(i), UV_ECONNREFUSED);
        refused_count++;
    }
    return refused_count;
}

#endif
