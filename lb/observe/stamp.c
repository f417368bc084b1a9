#include "lb/observe/stamp.h"

#include <time.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void make_texts(struct stamp *stamp)
{
    time_t seconds = (time_t)stamp->second;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    unsigned year = (unsigned)utc.tm_year + 1900, month = (unsigned)utc.tm_mon;
    unsigned parts[] = {(unsigned)utc.tm_mday, (unsigned)utc.tm_hour, (unsigned)utc.tm_min,
                        (unsigned)utc.tm_sec};
    struct line iso = {stamp->iso, stamp->iso + sizeof(stamp->iso)};
    line_digits(&iso, year, 4);
    LINE_LITERAL(&iso, "-");
    line_digits(&iso, month + 1, 2);
    struct line clf = {stamp->clf, stamp->clf + sizeof(stamp->clf)};
    line_digits(&clf, parts[0], 2);
    LINE_LITERAL(&clf, "/");
    line_append(&clf, view_of(months + 3 * (month % 12), 3));
    LINE_LITERAL(&clf, "/");
    line_digits(&clf, year, 4);
    static const char marks[] = "-T::"; /* before each part */
    for (unsigned i = 0; i < 4; i++) {
        line_append(&iso, view_of(&marks[i], 1));
        line_digits(&iso, parts[i], 2);
        if (i == 0)
            continue;
        LINE_LITERAL(&clf, ":");
        line_digits(&clf, parts[i], 2);
    }
    LINE_LITERAL(&iso, ".");
}

void stamp_set(struct stamp *stamp, uint64_t wall_ns)
{
    uint64_t second = wall_ns / 1000000000u;
    stamp->nanosecond = (unsigned)(wall_ns % 1000000000u);
    if (stamp->is_made && stamp->second == second)
        return;
    stamp->second = second;
    stamp->is_made = true;
    make_texts(stamp);
}

void stamp_put_iso(const struct stamp *stamp, struct line *line)
{
    line_append(line, view_of(stamp->iso, sizeof(stamp->iso)));
    line_digits(line, stamp->nanosecond / 1000, 6);
    LINE_LITERAL(line, "Z");
}

void stamp_put_clf(const struct stamp *stamp, struct line *line)
{
    line_append(line, view_of(stamp->clf, sizeof(stamp->clf)));
    LINE_LITERAL(line, " +0000");
}

void stamp_put_haproxy(const struct stamp *stamp, struct line *line)
{
    line_append(line, view_of(stamp->clf, sizeof(stamp->clf)));
    LINE_LITERAL(line, ".");
    line_digits(line, stamp->nanosecond / 1000000, 3);
}
