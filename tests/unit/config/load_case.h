/* What a program is started with, as a test says it, loaded. Includes cmocka. */
#ifndef TESTS_UNIT_CONFIG_LOAD_CASE_H
#define TESTS_UNIT_CONFIG_LOAD_CASE_H

#include "lb/config/config_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX    24

struct input {
    const char *args; /* split at blanks */
    const char *env;  /* split at blanks */
    const char *file; /* JSON; NULL: no file, else "@" in args or env stands for its path */
};

struct output {
    bool is_good;
    struct config config;
    enum config_action action;
    struct text problem; /* the path of the file is written as "@" */
};

static char file_path[] = "/tmp/test_config_load.XXXXXX";

/* Splits at blanks, "@" at the end of a word becomes the path of the file. Gives the words. */
static inline void split(const char *text, char *words[WORDS_MAX + 1], int count)
{
    struct view rest = view_str(text);
    while (rest.len > 0) {
        struct view word = view_cut(&rest, ' ');
        struct text whole = TEXT_INIT;
        bool is_path = word.len > 0 && word.ptr[word.len - 1] == '@';
        text_append(&whole, view_of(word.ptr, word.len - is_path));
        text_append_str(&whole, is_path ? file_path : "");
        assert_true(count < WORDS_MAX);
        words[count++] = whole.bytes;
    }
    words[count] = NULL;
}

static inline void free_words(char **words)
{
    for (; *words; words++)
        free(*words);
}

/* Lines and columns, which test_config_file looks at. */
static inline void forget_places(struct text *text)
{
    struct text out = TEXT_INIT;
    unsigned line, column;
    int used;
    for (const char *at = text_str(text); *at; at++) {
        if (sscanf(at, "line %u, column %u: %n", &line, &column, &used) == 2 &&
            !strstr(at, "give one JSON object") && !strstr(at, "give each word once"))
            at += used;
        text_append_char(&out, *at);
    }
    text_fini(text);
    *text = out;
}

static inline void replace_path(struct text *text)
{
    struct text changed = TEXT_INIT;
    const char *at = text_str(text), *found;
    for (; (found = strstr(at, file_path)); at = found + strlen(file_path)) {
        text_append(&changed, view_of(at, (size_t)(found - at)));
        text_append_char(&changed, '@');
    }
    text_append_str(&changed, at);
    text_fini(text);
    *text = changed;
}

static inline struct output load(struct input input)
{
    struct output out = {.action = CONFIG_RUN};
    char *args[WORDS_MAX + 1] = {NULL}, *env[WORDS_MAX + 1] = {NULL};
    char program[] = "lb";
    if (input.file) {
        FILE *file = fopen(file_path, "w");
        assert_non_null(file);
        fputs(input.file, file);
        fclose(file);
    }
    args[0] = program;
    split(input.args, args, 1);
    split(input.env, env, 0);
    int argc = 0;
    while (args[argc])
        argc++;
    out.is_good = config_load(argc, args, env, &out.config, &out.action, &out.problem);
    replace_path(&out.problem);
    forget_places(&out.problem);
    free_words(args + 1);
    free_words(env);
    return out;
}

static inline void output_fini(struct output *out)
{
    config_fini(&out->config);
    text_fini(&out->problem);
}

static inline void check_address(const struct address *address, const char *expected)
{
    char text[ADDRESS_TEXT_BYTES];
    assert_string_equal(address_format(address, text), expected);
}

static inline int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(file_path);
    return fd < 0 ? -1 : close(fd);
}

static inline int remove_file(void **state)
{
    (void)state;
    return unlink(file_path);
}

#endif
