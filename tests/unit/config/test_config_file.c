/* The JSON file: what becomes a layer, and which path a refusal names. */
#include "lb/config/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/config/config_json.h"
#include "lb/config/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Takes the lines and columns out that test_places looks at; those of JSON itself stay. */
static void forget_places(struct text *text)
{
    struct text out = TEXT_INIT;
    unsigned line, column;
    int used;
    for (const char *at = text_str(text); *at; at++) {
        bool is_place = sscanf(at, "line %u, column %u: %n", &line, &column, &used) == 2;
        if (is_place && !strstr(at, "give one JSON object") && !strstr(at, "give each word once"))
            at += used;
        text_append_char(&out, *at);
    }
    text_fini(text);
    *text = out;
}

/* The layer as "place=text;" for each entry. */
static void append_layer(const struct config_layer *layer, struct text *out)
{
    for (size_t i = 0; i < layer->count; i++)
        text_appendf(out, "%s=%s;", layer->entries[i].place,
                     layer->entries[i].text ? layer->entries[i].text : "(none)");
}

static void test_good(void **state)
{
    static const struct {
        const char *json, *layer;
    } rows[] = {
        {"{}", ""},
        {" {\"service\":\"shop\"}\n", "f: service=shop;"},
        {"{\"listen\":[\"80\",\"[::]:80\"]}", "f: listen[0]=80;f: listen[1]=[::]:80;"},
        {"{\"backend\":[\"a:1\"],\"workers\":4}", "f: backend[0]=a:1;f: workers=4;"},
        {"{\"docker\":true}", "f: docker=(none);"},
        {"{\"docker\":\"tcp://h:1\"}", "f: docker=tcp://h:1;"},
        {"{\"max-body\":1048576,\"max-head\":\"8k\"}", "f: max-body=1048576;f: max-head=8k;"},
        {"{\"workers\":-9223372036854775808}", "f: workers=-9223372036854775808;"},
        {"{\"$schema\":\"./lb.schema.json\"}", ""},
        {"{\"listen\":\"80\"}", "f: listen=80;"},
        {"{\"forwarded\":true}", "f: forwarded=on;"},
        {"{\"admin-open\":false}", "f: admin-open=off;"},
        {"{\"admin\":false,\"access-log\":false}", "f: admin=off;f: access-log=off;"},
        {"{\"check-mode\":false}", "f: check-mode=off;"},
        {"{\"head-timeout\":10}", "f: head-timeout=10;"}, /* the value says what is missing */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_layer layer = CONFIG_LAYER_INIT;
        struct text out = TEXT_INIT;
        assert_true(config_json_parse(&config_root, "f", view_str(rows[i].json), &layer, &out));
        assert_int_equal(out.len, 0);
        append_layer(&layer, &out);
        forget_places(&out);
        assert_string_equal(text_str(&out), rows[i].layer);
        text_fini(&out);
        config_layer_fini(&layer);
    }
}

#define LISTEN_HELP "give IP:PORT, for example 0.0.0.0:8000"

static void test_bad(void **state)
{
    static const struct {
        const char *json, *problem;
    } rows[] = {
        {"", "f: line 1, column 0: '[' or '{' expected near end of file; it is empty: give one "
             "JSON object, {} at least"},
        {"{", "f: line 1, column 1: string or '}' expected near end of file; "
              "give one JSON object"},
        {"{\"workers\":1,}", "f: line 1, column 14: string or '}' expected near '}'; "
                             "give one JSON object, without the comma before it"},
        {"{} x", "f: line 1, column 4: end of file expected near 'x'; give one JSON object"},
        {"{\"workers\":1,\n\"workers\":2}",
         "f: line 2, column 9: duplicate object key near '\"workers\"'; give each word once"},
        {"{\"\033[2J\":}", "f: line 1, column 2: control character 0x1b near '\"'; "
                           "give one JSON object"},
        {"{\"service\":\"a\\u0000b\"}", "f: line 1, column 21: \\u0000 is not allowed without "
                                        "JSON_ALLOW_NUL near '\"a\\u0000b\"'; "
                                        "give one JSON object"},
        {"{\"service\":\"\xFF\"}",
         "f: line 1, column 12: unable to decode byte 0xff near '\"'; give one JSON object"},
        {"{\"workers\":99999999999999999999}",
         "f: line 1, column 31: too big integer near '99999999999999999999'; "
         "give one JSON object"},
        {"[]", "f: is a list and must be an object, for example "
               "{\"listen\": [\"0.0.0.0:8000\"]}"},
        {"{\"lisen\":[]}", "f: \"lisen\" is not known; did you mean \"listen\"? see lb --help"},
        {"{\"head_timeout\":\"1s\"}",
         "f: \"head_timeout\" is not known; did you mean \"head-timeout\"? "
         "see lb --help"},
        {"{\"\":1}", "f: \"\" is not known; see lb --help"},
        {"{\"foo\":1}", "f: \"foo\" is not known; see lb --help"},
        {"{\"jumble\":1}", "f: \"jumble\" is not known; see lb --help"},
        {"{\"vai\":1}", "f: \"vai\" is not known; did you mean \"via\"? see lb --help"},
        {"{\"va\":1}", "f: \"va\" is not known; did you mean \"via\"? see lb --help"},
        {"{\"config\":\"x\"}",
         "f: \"config\" works on the command line only; remove it from the file"},
        {"{\"check\":true}",
         "f: \"check\" works on the command line only; remove it from the file"},
        {"{\"listen\":80.5}",
         "f: listen: is a number with a fraction and must be a string or a list "
         "of strings; " LISTEN_HELP},
        {"{\"admin\":80.5}",
         "f: admin: is a number with a fraction and must be a string or a port; "
         "give IP:PORT, for example 127.0.0.1:8001, or off"},
        {"{\"check-rise\":false}", "f: check-rise: is false and must be a whole number; "
                                   "give a number from 1 to 100"},
        {"{\"workers\":false}", "f: workers: is false and must be a whole number; "
                                "give a number from 0 to 1024"},
        {"{\"$schema\":1}", "f: \"$schema\" is not known; see lb --help"},
        {"{\"listen\":[]}", "f: listen: is an empty list; " LISTEN_HELP},
        {"{\"listen\":[[]]}",
         "f: listen[0]: is a list and must be a string or a port; " LISTEN_HELP},
        {"{\"workers\":1.5}", "f: workers: is a number with a fraction and must be a whole number; "
                              "give a number from 0 to 1024"},
        {"{\"workers\":{}}", "f: workers: is an object and must be a whole number; "
                             "give a number from 0 to 1024"},
        {"{\"service\":null}", "f: service: is null and must be a string; "
                               "give letters, digits, '.', '_' or '-', for example appserver"},
        {"{\"docker\":false}", "f: docker: is false and must be true or a string; "
                               "give unix:///PATH, tcp://HOST:PORT or http://HOST:PORT, "
                               "for example unix:///var/run/docker.sock"},
        {"{\"log-level\":true}", "f: log-level: is true and must be a string; "
                                 "give debug, info, warn or error"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct config_layer layer = CONFIG_LAYER_INIT;
        struct text problem = TEXT_INIT;
        assert_false(
            config_json_parse(&config_root, "f", view_str(rows[i].json), &layer, &problem));
        forget_places(&problem);
        assert_string_equal(text_str(&problem), rows[i].problem);
        text_fini(&problem);
        config_layer_fini(&layer);
    }
}

/* All that is wrong is told, each with its place. */
static void test_places(void **state)
{
    static const char json[] =
        "{\n \"workers\": 1.5,\n\t\"foo\": 1, \"listen\":[\"80\",\n  81.5]\n}";
    struct config_layer layer = CONFIG_LAYER_INIT;
    struct text faults = TEXT_INIT;
    (void)state;
    assert_false(config_json_parse(&config_root, "f", view_str(json), &layer, &faults));
    const char *told = text_str(&faults);
    assert_non_null(strstr(told, "f: line 2, column 2: workers: is a number with a fraction"));
    assert_non_null(strstr(told, "f: line 3, column 2: \"foo\" is not known"));
    assert_non_null(strstr(told, "f: line 4, column 3: listen[1]: is a number"));
    assert_non_null(strchr(strchr(told, '\n') + 1, '\n'));
    assert_null(strchr(strchr(strchr(told, '\n') + 1, '\n') + 1, '\n'));
    assert_int_equal(layer.count, 1); /* listen[0] */
    assert_string_equal(layer.entries[0].place, "f: line 3, column 22: listen[0]");
    text_fini(&faults);
    config_layer_fini(&layer);
}

/* Every prefix and every single-byte change of a good file is either taken or refused with words.
 */
static void test_garbage(void **state)
{
    static const char good[] = "{\"listen\": [\"80\", \"[::]:81\"], \"docker\": true, "
                               "\"head-timeout\": \"10s\", \"workers\": 2}";
    static const char bytes[] = {'\0', '"', '{', ']', '\\', '9', '-', '\xFF', '\n'};
    (void)state;
    for (size_t at = 0; at < sizeof(good); at++) {
        for (size_t i = 0; i <= sizeof(bytes); i++) {
            char copy[sizeof(good)];
            struct config_layer layer = CONFIG_LAYER_INIT;
            struct text problem = TEXT_INIT;
            memcpy(copy, good, sizeof(good));
            size_t len = i == sizeof(bytes) ? at : sizeof(good) - 1;
            if (i < sizeof(bytes))
                copy[at] = bytes[i];
            bool is_good =
                config_json_parse(&config_root, "f", view_of(copy, len), &layer, &problem);
            assert_int_equal(is_good, problem.len == 0);
            text_fini(&problem);
            config_layer_fini(&layer);
        }
    }
}

static void test_deep(void **state)
{
    struct config_layer layer = CONFIG_LAYER_INIT;
    struct text problem = TEXT_INIT;
    char *deep = memory_new(CONFIG_FILE_MAX_BYTES);
    (void)state;
    memset(deep, '[', CONFIG_FILE_MAX_BYTES);
    assert_false(config_json_parse(&config_root, "f", view_of(deep, CONFIG_FILE_MAX_BYTES), &layer,
                                   &problem));
    assert_non_null(strstr(text_str(&problem), "maximum parsing depth"));
    free(deep);
    text_fini(&problem);
    config_layer_fini(&layer);
}

/* A file of `size` bytes: `json` followed by blanks. */
static bool read_file(const char *json, size_t size, struct text *problem)
{
    char path[] = "/tmp/test_config_file.XXXXXX";
    char place[] = "--config";
    struct config_layer layer = CONFIG_LAYER_INIT;
    char *bytes = memory_new(size);
    memset(bytes, ' ', size);
    memcpy(bytes, json, strlen(json));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
    struct config_entry named = {.place = place, .text = path};
    bool is_good = config_file_read(&named, &layer, problem);
    unlink(path);
    free(bytes);
    config_layer_fini(&layer);
    return is_good;
}

static void test_size(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(read_file("{\"workers\":1}", 100, &problem));
    assert_true(read_file("{\"workers\":1}", CONFIG_FILE_MAX_BYTES, &problem));
    assert_string_equal(text_str(&problem), "");
    assert_false(read_file("{\"workers\":1}", CONFIG_FILE_MAX_BYTES + 1, &problem));
    assert_non_null(strstr(text_str(&problem), "larger than 1 MiB; give a JSON file"));
    text_fini(&problem);
}

static void test_unreadable(void **state)
{
    static const struct {
        const char *path, *problem;
    } rows[] = {
        {"/nonexistent/lb.json", "LB_CONFIG: \"/nonexistent/lb.json\": No such file or directory; "
                                 "give a JSON file of at most 1 MiB that lb may read"},
        {"/", "LB_CONFIG: \"/\": Is a directory; "
              "give a JSON file of at most 1 MiB that lb may read"},
        {"", "LB_CONFIG: \"\": No such file or directory; "
             "give a JSON file of at most 1 MiB that lb may read"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char place[] = "LB_CONFIG";
        char *path = memory_copy(rows[i].path, strlen(rows[i].path));
        struct config_layer layer = CONFIG_LAYER_INIT;
        struct text problem = TEXT_INIT;
        struct config_entry named = {.place = place, .text = path};
        assert_false(config_file_read(&named, &layer, &problem));
        forget_places(&problem);
        assert_string_equal(text_str(&problem), rows[i].problem);
        text_fini(&problem);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),       cmocka_unit_test(test_bad),
        cmocka_unit_test(test_places),     cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_deep),       cmocka_unit_test(test_size),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
