#include "lb/base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"

static struct {
    const char *program;
    _Atomic(enum log_level) level;
    atomic_bool json;
} sink = {"lb", LOG_LEVEL_INFO, false};

static const char *const level_words[] = {"debug", "info", "warn", "error"};

void log_open(const char *program, enum log_level level, enum log_format format)
{
    sink.program = program;
    log_change(level, format);
}

void log_change(enum log_level level, enum log_format format)
{
    sink.json = format == LOG_FORMAT_JSON || (format == LOG_FORMAT_AUTO && !isatty(STDERR_FILENO));
    sink.level = level;
}

void log_set_level(enum log_level level)
{
    sink.level = level;
}

enum log_level log_current_level(void)
{
    return sink.level;
}

bool log_parse_level(const char *word, enum log_level *out)
{
    for (size_t i = 0; i < sizeof(level_words) / sizeof(level_words[0]); i++) {
        if (strcmp(word, level_words[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

const char *log_level_word(enum log_level level)
{
    return level_words[level];
}

static void append_json(struct text *line, enum log_level level, struct view message)
{
    char stamp[CLOCK_TEXT_BYTES];
    struct json_writer json;
    json_writer_init(&json, line);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "@timestamp", clock_format(clock_wall_ns(), stamp));
    json_writer_field_str(&json, "log.level", level_words[level]);
    json_writer_field_str(&json, "log.logger", sink.program);
    json_writer_key(&json, "message");
    json_writer_string(&json, message);
    json_writer_end_object(&json);
}

static void append_plain(struct text *line, enum log_level level, struct view message)
{
    char stamp[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ns(), stamp);
    text_appendf(line, "%.12s %-5s %s: ", stamp + 11, level_words[level], sink.program);
    for (size_t i = 0; i < message.len; i++) {
        unsigned char c = (unsigned char)message.ptr[i];
        if (c < 0x20 || c == 0x7F)
            text_appendf(line, "\\x%02x", c);
        else
            text_append_char(line, (char)c);
    }
}

static void speak(enum log_level level, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void speak(enum log_level level, const char *format, va_list args)
{
    if (level < sink.level)
        return;
    struct text message = TEXT_INIT;
    struct text line = TEXT_INIT;
    text_vappendf(&message, format, args);
    if (sink.json)
        append_json(&line, level, text_view(&message));
    else
        append_plain(&line, level, text_view(&message));
    text_append_char(&line, '\n');
    ssize_t ignored = write(STDERR_FILENO, line.bytes, line.len);
    (void)ignored;
    text_fini(&line);
    text_fini(&message);
}

#define DEFINE_LOG(name, level)                                                                    \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        speak(level, format, args);                                                                \
        va_end(args);                                                                              \
    }

DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_warn, LOG_LEVEL_WARN)
DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
