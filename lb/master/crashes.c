#include "lb/master/crashes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "lb/master/bells.h"

#define BACKOFF_FIRST_MS 100u
#define BACKOFF_LAST_MS  5000u

int crashes_exit_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

const char *crashes_describe(int status, char text[CRASHES_TEXT_BYTES])
{
    char name[BELLS_NAME_BYTES];
    if (WIFSIGNALED(status))
        snprintf(text, CRASHES_TEXT_BYTES, "signal %d (%s)", WTERMSIG(status),
                 bells_name(WTERMSIG(status), name));
    else
        snprintf(text, CRASHES_TEXT_BYTES, "exit status %d", WEXITSTATUS(status));
    return text;
}

const char *crashes_span(uint64_t span_ns, char text[CRASHES_TEXT_BYTES])
{
    static const struct {
        uint64_t ns;
        const char *word;
    } units[] = {{86400000000000u, "days"},
                 {3600000000000u, "h"},
                 {60000000000u, "min"},
                 {1000000000u, "s"},
                 {1000000u, "ms"}};
    unsigned i = 0;
    while (i < 4 && span_ns < 2 * units[i].ns)
        i++;
    snprintf(text, CRASHES_TEXT_BYTES, "%" PRIu64 " %s", span_ns / units[i].ns, units[i].word);
    return text;
}

/* Where there are more reasons than room the last place is for all others. */
static void count_reason(struct channel_history *history, const char *word)
{
    unsigned i = 0;
    while (i < CHANNEL_REASON_MAX - 1 && history->crashes[i].count > 0 &&
           strcmp(history->crashes[i].word, word) != 0)
        i++;
    if (history->crashes[i].count > 0 && strcmp(history->crashes[i].word, word) != 0)
        word = "other";
    snprintf(history->crashes[i].word, sizeof(history->crashes[i].word), "%s", word);
    history->crashes[i].count++;
}

static unsigned pause_ms(unsigned crashes_in_a_row)
{
    unsigned pause = BACKOFF_FIRST_MS;
    if (crashes_in_a_row <= 1)
        return 0;
    for (unsigned i = 2; i < crashes_in_a_row && pause < BACKOFF_LAST_MS; i++)
        pause *= 2;
    return pause < BACKOFF_LAST_MS ? pause : BACKOFF_LAST_MS;
}

unsigned crashes_count(struct channel_history *history, const struct crashes_case *one,
                       bool *loop_begins)
{
    char text[CRASHES_TEXT_BYTES], name[BELLS_NAME_BYTES];
    bool was_loop = history->is_crash_loop;
    if (one->lived_ns >= CRASHES_EARLY_NS)
        history->crashes_in_a_row = 0;
    crashes_calm_down(history, one->lived_ns);
    history->crashes_in_a_row++;
    history->is_crash_loop =
        was_loop ? history->is_crash_loop : history->crashes_in_a_row >= CRASHES_LOOP_COUNT;
    *loop_begins = history->is_crash_loop && !was_loop;
    history->lost_request_count += one->lost_count;
    history->last_crash_ns = one->wall_ns;
    snprintf(history->last_crash, sizeof(history->last_crash), "%s",
             crashes_describe(one->status, text));
    count_reason(history,
                 WIFSIGNALED(one->status) ? bells_name(WTERMSIG(one->status), name) : "exit");
    return pause_ms(history->crashes_in_a_row);
}

bool crashes_calm_down(struct channel_history *history, uint64_t lived_ns)
{
    bool was_loop = history->is_crash_loop;
    if (lived_ns < CRASHES_CALM_NS)
        return false;
    history->is_crash_loop = false;
    history->crashes_in_a_row = 0;
    return was_loop;
}
