#include "lb/run/crash_text.h"

#include <stdbool.h>
#include <string.h>

static void append(struct crash_text *text, const char *bytes, size_t len)
{
    size_t room = sizeof(text->bytes) - 1 - text->len;
    len = len < room ? len : room;
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
}

void crash_text_append(struct crash_text *text, const char *string)
{
    append(text, string, strlen(string));
}

/* At least `width` digits. */
static void append_digits(struct crash_text *text, uint64_t number, unsigned base, unsigned width)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0 || sizeof(digits) - at < width);
    append(text, digits + at, sizeof(digits) - at);
}

void crash_text_append_number(struct crash_text *text, uint64_t number)
{
    append_digits(text, number, 10, 1);
}

void crash_text_append_hex(struct crash_text *text, uint64_t number)
{
    crash_text_append(text, "0x");
    append_digits(text, number, 16, 1);
}

void crash_text_append_bytes(struct crash_text *text, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        append_digits(text, bytes[i], 16, 2);
}

void crash_text_append_safe(struct crash_text *text, const char *string)
{
    for (; *string; string++) {
        char c = *string;
        bool is_safe = c >= ' ' && c <= '~' && c != '"' && c != '\\';
        append(text, is_safe ? &c : "?", 1);
    }
}

static bool is_leap(uint64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of(uint64_t year, unsigned month)
{
    static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 1 && is_leap(year) ? 29 : lengths[month];
}

static void append_date(struct crash_text *text, uint64_t days)
{
    uint64_t year = 1970;
    unsigned month = 0;
    for (; days >= (is_leap(year) ? 366 : 365); year++)
        days -= is_leap(year) ? 366 : 365;
    for (; days >= days_of(year, month); month++)
        days -= days_of(year, month);
    append_digits(text, year, 10, 4);
    crash_text_append(text, "-");
    append_digits(text, month + 1, 10, 2);
    crash_text_append(text, "-");
    append_digits(text, days + 1, 10, 2);
}

void crash_text_append_time(struct crash_text *text, uint64_t wall_ns)
{
    uint64_t seconds = wall_ns / 1000000000u;
    append_date(text, seconds / 86400);
    crash_text_append(text, "T");
    append_digits(text, seconds / 3600 % 24, 10, 2);
    crash_text_append(text, ":");
    append_digits(text, seconds / 60 % 60, 10, 2);
    crash_text_append(text, ":");
    append_digits(text, seconds % 60, 10, 2);
    crash_text_append(text, ".");
    append_digits(text, wall_ns % 1000000000u / 1000, 10, 6);
    crash_text_append(text, "Z");
}
