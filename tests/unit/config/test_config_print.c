/* --print-config gives a file that makes the same tree again; --help shows every setting. */
#include "lb/config/config_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/config/config_load.h"
#include "lb/config/config.h"
#include "lb/config/settings.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ARGS_MAX     16

/* Loads `args` (NULL-terminated) and appends the settings as JSON. */
static void print(const char *const *args, struct text *json)
{
    char *argv[ARGS_MAX + 2] = {NULL};
    struct config config;
    enum config_action action;
    struct text problem = TEXT_INIT;
    int argc = 0;
    argv[argc++] = strdup("lb");
    for (; args[argc - 1]; argc++)
        argv[argc] = strdup(args[argc - 1]);
    bool is_good = config_load(argc, argv, NULL, &config, &action, &problem);
    assert_string_equal(text_str(&problem), "");
    assert_true(is_good);
    config_print_json(&config, json);
    config_fini(&config);
    text_fini(&problem);
    while (argc > 0)
        free(argv[--argc]);
}

static void test_defaults(void **state)
{
    static const char *const args[ARGS_MAX] = {NULL};
    static const char expected[] = "{\n"
                                   "  \"listen\": [\"0.0.0.0:8000\"],\n"
                                   "  \"admin\": \"127.0.0.1:8001\",\n"
                                   "  \"admin-open\": \"off\",\n"
                                   "  \"admin-behind-proxy\": \"off\",\n"
                                   "  \"forwarded\": \"off\",\n"
                                   "  \"via\": \"on\",\n"
                                   "  \"trace-context\": \"pass\",\n"
                                   "  \"abort-on-close\": \"off\",\n"
                                   "  \"dynamic-ports\": \"off\",\n"
                                   "  \"tls-policy\": \"intermediate\",\n"
                                   "  \"tls-handshake-timeout\": \"10s\",\n"
                                   "  \"max-handshakes\": 1000,\n"
                                   "  \"acme-directory\": \"production\",\n"
                                   "  \"acme-dir\": \"/var/lib/lb/acme\",\n"
                                   "  \"acme-challenge\": \"http-01\",\n"
                                   "  \"acme-check\": \"off\",\n"
                                   "  \"acme-key\": \"ecdsa\",\n"
                                   "  \"https-method\": \"redirect\",\n"
                                   "  \"https-port\": 443,\n"
                                   "  \"hsts\": \"off\",\n"
                                   "  \"docker\": true,\n"
                                   "  \"default-route\": \"auto\",\n"
                                   "  \"dialects\": \"all\",\n"
                                   "  \"require-label\": \"off\",\n"
                                   "  \"traefik-exposed\": \"on\",\n"
                                   "  \"balance\": \"round-robin\",\n"
                                   "  \"prefer\": \"none\",\n"
                                   "  \"proxy-protocol\": \"off\",\n"
                                   "  \"tcp-drain\": \"wait\",\n"
                                   "  \"backend-verify\": \"auto\",\n"
                                   "  \"register-internal\": \"off\",\n"
                                   "  \"register-explicit\": \"off\",\n"
                                   "  \"register-ttl\": \"0s\",\n"
                                   "  \"deregister-after\": \"10m\",\n"
                                   "  \"deregister\": \"always\",\n"
                                   "  \"register-cleanup\": \"off\",\n"
                                   "  \"register-name\": \"proxy\",\n"
                                   "  \"head-timeout\": \"10s\",\n"
                                   "  \"idle-timeout\": \"75s\",\n"
                                   "  \"connect-timeout\": \"300ms\",\n"
                                   "  \"far-connect-timeout\": \"2s\",\n"
                                   "  \"last-connect-timeout\": \"5s\",\n"
                                   "  \"response-timeout\": \"1m\",\n"
                                   "  \"body-timeout\": \"30s\",\n"
                                   "  \"stream-timeout\": \"1h\",\n"
                                   "  \"upstream-dead-after\": \"8s\",\n"
                                   "  \"tunnel-timeout\": \"1h\",\n"
                                   "  \"tcp-idle-timeout\": \"1h\",\n"
                                   "  \"udp-idle-timeout\": \"30s\",\n"
                                   "  \"upstream-idle-timeout\": \"1m\",\n"
                                   "  \"hold\": \"10s\",\n"
                                   "  \"queue-timeout\": \"10s\",\n"
                                   "  \"shutdown-delay\": \"1s\",\n"
                                   "  \"shutdown-grace\": \"7s\",\n"
                                   "  \"resolve-interval\": \"30s\",\n"
                                   "  \"discovery-timeout\": \"20s\",\n"
                                   "  \"check-mode\": \"auto\",\n"
                                   "  \"check-method\": \"GET\",\n"
                                   "  \"check-status\": \"200-399\",\n"
                                   "  \"check-interval\": \"5s\",\n"
                                   "  \"check-timeout\": \"2s\",\n"
                                   "  \"check-rise\": 2,\n"
                                   "  \"check-fall\": 3,\n"
                                   "  \"eject-after\": 3,\n"
                                   "  \"eject-5xx\": 0,\n"
                                   "  \"eject-time\": \"1s\",\n"
                                   "  \"eject-max\": 50,\n"
                                   "  \"panic-below\": 25,\n"
                                   "  \"panic-unhealthy\": \"on\",\n"
                                   "  \"slow-start\": \"0s\",\n"
                                   "  \"workers\": 0,\n"
                                   "  \"max-head\": \"16k\",\n"
                                   "  \"max-headers\": 100,\n"
                                   "  \"max-target\": \"8k\",\n"
                                   "  \"max-body\": 0,\n"
                                   "  \"max-connections\": 0,\n"
                                   "  \"max-flows\": 0,\n"
                                   "  \"max-per-client\": 0,\n"
                                   "  \"max-requests\": 0,\n"
                                   "  \"max-buffers\": 0,\n"
                                   "  \"hold-max\": 1000,\n"
                                   "  \"max-inflight\": 0,\n"
                                   "  \"queue\": 1024,\n"
                                   "  \"upstream-keepalive\": \"on\",\n"
                                   "  \"retry-budget\": 20,\n"
                                   "  \"jail\": \"" CONFIG_JAIL_DEFAULT "\",\n"
                                   "  \"user\": \"lb\",\n"
                                   "  \"discovery-user\": \"lb-discovery\",\n"
                                   "  \"upgrade-timeout\": \"1m\",\n"
                                   "  \"handover-grace\": \"10m\",\n"
                                   "  \"gelf-compress\": \"gzip\",\n"
                                   "  \"sentry-environment\": \"production\",\n"
                                   "  \"sentry-queries\": \"off\",\n"
                                   "  \"metrics-compat\": \"off\",\n"
                                   "  \"log-level\": \"info\",\n"
                                   "  \"log-format\": \"auto\",\n"
                                   "  \"access-log\": \"-\",\n"
                                   "  \"access-log-format\": \"auto\"\n"
                                   "}\n";
    struct text json = TEXT_INIT;
    (void)state;
    print(args, &json);
    assert_string_equal(text_str(&json), expected);
    text_fini(&json);
}

/* What is printed, loaded as a file and printed again, is the same, byte for byte. */
static void test_round_trip(void **state)
{
    static const char *const rows[][ARGS_MAX] = {
        {NULL},
        {"--docker=tcp://[fd00::1]:2375", "--discovery", "/opt/\"quoted\" \\ name", NULL},
        {"--proxy-protocol-from", "10.0.0.0/8,fd00::/8", "--proxy-protocol-from=192.0.2.1", NULL},
        {"--trusted-proxies", "10.0.0.0/8,fd00::/8", "--trusted-proxies=192.0.2.1",
         "--forwarded=on", NULL},
        {"--file", "/srv/d\xC3\xA9j\xC3\xA0.json", "--admin=off", "--service", "shop", NULL},
        {"--backend", "a:1", "--backend", "[fd00::2]:2", "--backend=10.0.0.2:3", NULL},
        {"--listen", "80", "--listen", "[::]:80", "--admin", "[::1]:0", "--workers", "7", NULL},
        {"--head-timeout", "1ms", "--idle-timeout", "24h", "--body-timeout", "1500ms", "--max-head",
         "1025", "--max-body", "3g", "--max-connections", "99", NULL},
        {"--check-mode=http", "--check-path=/health", "--check-text", "Hello World",
         "--check-status=200,300-302", "--check-interval=1500ms", "--check-rise", "7",
         "--eject-5xx=5", "--slow-start=20s", NULL},
        {"--admin=0.0.0.0:1", "--admin-token", "0123456789abcdef~+/==", "--shutdown-delay=0s",
         NULL},
        {"--admin=0.0.0.0:1", "--admin-open", "--forwarded", "--shutdown-delay", "5s", NULL},
        {"--access-log", "/var/log/lb.log", "--access-log-format=%{time} \"%{user_agent}\"", NULL},
        {"--log-level", "error", "--log-format", "plain", "--max-headers", "128", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char path[] = "/tmp/test_config_print.XXXXXX";
        const char *const again[ARGS_MAX] = {"--config", path, NULL};
        struct text first = TEXT_INIT, second = TEXT_INIT;
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        print(rows[i], &first);
        assert_int_equal(write(fd, first.bytes, first.len), first.len);
        close(fd);
        print(again, &second);
        unlink(path);
        assert_string_equal(text_str(&first), text_str(&second));
        for (size_t k = 0; rows[i][k]; k++) /* the values differ from the defaults in the text */
            if (strcmp(rows[i][k], "--workers") == 0)
                assert_non_null(strstr(text_str(&second), "\"workers\": 7"));
        text_fini(&first);
        text_fini(&second);
    }
}

/* Columns, not bytes: continuation bytes of UTF-8 do not count. */
static size_t count_columns(struct view line)
{
    size_t count = 0;
    for (size_t i = 0; i < line.len; i++)
        count += ((unsigned char)line.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* The line that begins with "  --word", or an empty view. */
static struct view find_flag(const struct text *help, const char *word)
{
    struct view rest = text_view(help);
    size_t len = strlen(word);
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n');
        if (line.len > len + 4 && memcmp(line.ptr, "  --", 4) == 0 &&
            memcmp(line.ptr + 4, word, len) == 0 && strchr(" [", line.ptr[len + 4]))
            return line;
    }
    return view_of(NULL, 0);
}

static void test_help(void **state)
{
    struct text help = TEXT_INIT, shown = TEXT_INIT;
    const struct config_setting *setting;
    (void)state;
    config_print_help(&help);
    struct view rest = text_view(&help);
    while (rest.len > 0)
        assert_true(count_columns(view_cut(&rest, '\n')) <= 100);
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++) {
        struct view line = find_flag(&help, setting->word);
        assert_true(line.len > 0);
        text_clear(&shown);
        text_appendf(&shown, "%s", setting->help);
        if (strcmp(setting->word, "hold") == 0 || strcmp(setting->word, "queue-timeout") == 0)
            text_append_str(&shown, " (at most 1h)");
        if (strcmp(setting->word, "udp-idle-timeout") == 0)
            text_append_str(&shown, " (1s to 24h)");
        if (strcmp(setting->word, "deregister-after") == 0)
            text_append_str(&shown, " (at most 720h)");
        if (strcmp(setting->word, "eject-time") == 0)
            text_append_str(&shown, " (10ms to 1m)");
        if (strcmp(setting->word, "upgrade-timeout") == 0)
            text_append_str(&shown, " (1ms to 24h)");
        if (setting->default_text)
            text_appendf(&shown, " [%s]", setting->default_text);
        assert_true(line.len > shown.len);
        assert_memory_equal(line.ptr + line.len - shown.len, shown.bytes, shown.len);
        assert_int_equal(line.ptr[line.len - shown.len - 1], ' ');
    }
    assert_non_null(strstr(text_str(&help), "Flags win over the environment"));
    text_fini(&help);
    text_fini(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
