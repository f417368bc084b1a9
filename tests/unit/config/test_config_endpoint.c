/* Addresses to listen on, backends and Docker engines: what is taken, and what a refusal says. */
#include "lb/config/config_endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/config/config_kind.h"
#include "lb/config/config_socket.h"
#include "lb/config/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define LISTEN_HELP "give IP:PORT, for example 0.0.0.0:8000"
#define BACKEND_HELP                                                                               \
    "give HOST:PORT, for example 10.0.0.2:8484, https://a.test:443 or db=tcp://10.0.0.3:5432"
#define DOCKER_HELP                                                                                \
    "give unix:///PATH, tcp://HOST:PORT or http://HOST:PORT, "                                     \
    "for example unix:///var/run/docker.sock"

struct row {
    const char *text;
    const char *result;  /* as formatted again */
    const char *problem; /* NULL: taken */
};

static const struct config_setting *setting(const char *word)
{
    return config_table_find(&config_root, view_str(word));
}

static void test_listen(void **state)
{
    static const struct row rows[] = {
        {"0.0.0.0:8000", "0.0.0.0:8000", NULL},
        {"[::]:8000", "[::]:8000", NULL},
        {"[FD00::0:1]:80", "[fd00::1]:80", NULL},
        {"8000", "0.0.0.0:8000", NULL},
        {":8000", "0.0.0.0:8000", NULL},
        {"127.0.0.1:0", "127.0.0.1:0", NULL},
        {"0", "0.0.0.0:0", NULL},
        {"1.2.3.4:65535", "1.2.3.4:65535", NULL},
        {"0.0.0.0:99999", NULL, "\"0.0.0.0:99999\" has a port above 65535; " LISTEN_HELP},
        {"65536", NULL, "\"65536\" has a port above 65535; " LISTEN_HELP},
        {"", NULL, "\"\" is empty; " LISTEN_HELP},
        {"0.0.0.0", NULL, "\"0.0.0.0\" has no port; " LISTEN_HELP},
        {"0.0.0.0:", NULL, "\"0.0.0.0:\" has no port; " LISTEN_HELP},
        {":", NULL, "\":\" has no port; " LISTEN_HELP},
        {"[::]", NULL, "\"[::]\" has no port; " LISTEN_HELP},
        {"[::]8000", NULL, "\"[::]8000\" has no port; " LISTEN_HELP},
        {"[::", NULL, "\"[::\" has no closing bracket; " LISTEN_HELP},
        {"[", NULL, "\"[\" has no closing bracket; " LISTEN_HELP},
        {"0.0.0.0:http", NULL, "\"0.0.0.0:http\" has a port that is no number; " LISTEN_HELP},
        {"0.0.0.0:-1", NULL, "\"0.0.0.0:-1\" has a port that is no number; " LISTEN_HELP},
        {"0.0.0.0:80 ", NULL, "\"0.0.0.0:80 \" has a port that is no number; " LISTEN_HELP},
        {"::1:80", NULL,
         "\"::1:80\" has more than one colon, and IPv6 needs brackets as in "
         "[::]:8000; " LISTEN_HELP},
        {"localhost:80", NULL, "\"localhost:80\" has a host that is no IP address; " LISTEN_HELP},
        {"[1.2.3.4]:80", NULL, "\"[1.2.3.4]:80\" has a host that is no IP address; " LISTEN_HELP},
        {"[]:80", NULL, "\"[]:80\" has a host that is no IP address; " LISTEN_HELP},
        {"1.2.3:80", NULL, "\"1.2.3:80\" has a host that is no IP address; " LISTEN_HELP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        struct address address;
        char text[ADDRESS_TEXT_BYTES];
        bool is_good =
            kind_listen.parse(setting("listen"), view_str(rows[i].text), &address, &problem);
        assert_string_equal(text_str(&problem), rows[i].problem ? rows[i].problem : "");
        assert_int_equal(is_good, rows[i].problem == NULL);
        if (is_good)
            assert_string_equal(address_format(&address, text), rows[i].result);
        text_fini(&problem);
    }
}

#define LABEL_63 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-012345678"

static void test_backend(void **state)
{
    static const struct row rows[] = {
        {"10.0.0.2:8484", "10.0.0.2|8484", NULL},
        {"[fd00:0::2]:1", "fd00::2|1", NULL},
        {"[::ffff:10.0.0.2]:80", "10.0.0.2|80", NULL},
        {"app.internal:8484", "app.internal|8484", NULL},
        {"my_app-1:65535", "my_app-1|65535", NULL},
        {"app.internal.:80", "app.internal.|80", NULL},
        {"3com.example:80", "3com.example|80", NULL},
        {LABEL_63 ":80", LABEL_63 "|80", NULL},
        {"db=10.0.0.2:5432", "10.0.0.2|5432|db", NULL},
        {"tcp://app:80", "app|80||tcp", NULL},
        {"my.db_1-a=udp://[fd00::1]:53", "fd00::1|53|my.db_1-a|udp", NULL},
        {"=app:80", NULL,
         "\"=app:80\" has a service before its = that cannot have this name; " BACKEND_HELP},
        {"a b=app:80", NULL,
         "\"a b=app:80\" has a service before its = that cannot have this name; " BACKEND_HELP},
        {"tcp://db=app:80", NULL,
         "\"tcp://db=app:80\" has a service before its = that cannot have this "
         "name; " BACKEND_HELP},
        {"db=tcp://udp://app:80", NULL,
         "\"db=tcp://udp://app:80\" has a scheme that is not known here; " BACKEND_HELP},
        {"db=TCP://app:80", NULL,
         "\"db=TCP://app:80\" has a scheme that is not known here; " BACKEND_HELP},
        {"app:0", NULL, "\"app:0\" has port 0, which nothing can listen on; " BACKEND_HELP},
        {"app", NULL, "\"app\" has no port; " BACKEND_HELP},
        {":80", NULL, "\":80\" has no host; " BACKEND_HELP},
        {"8484", NULL, "\"8484\" has no port; " BACKEND_HELP},
        {"app:65536", NULL, "\"app:65536\" has a port above 65535; " BACKEND_HELP},
        {"10.0.0.256:80", NULL,
         "\"10.0.0.256:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"app..internal:80", NULL,
         "\"app..internal:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {".:80", NULL, "\".:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"-app:80", NULL,
         "\"-app:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"app-:80", NULL,
         "\"app-:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"a b:80", NULL, "\"a b:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"[app]:80", NULL,
         "\"[app]:80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"x" LABEL_63 ":80", NULL,
         "\"x" LABEL_63 ":80\" has a host that is no IP address or DNS name; " BACKEND_HELP},
        {"https://app.test:443", "app.test|443||https", NULL},
        {"shop=https://[fd00::1]:443", "fd00::1|443|shop|https", NULL},
        {"http://app:80", NULL,
         "\"http://app:80\" begins with http://, which is left out; " BACKEND_HELP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT, result = TEXT_INIT;
        struct config_backend backend = {0};
        bool is_good =
            kind_backend.parse(setting("backend"), view_str(rows[i].text), &backend, &problem);
        assert_string_equal(text_str(&problem), rows[i].problem ? rows[i].problem : "");
        assert_int_equal(is_good, rows[i].problem == NULL);
        if (is_good) {
            text_appendf(&result, "%s|%u", backend.host, backend.port);
            if (backend.service || backend.protocol != PROTOCOL_HTTP)
                text_appendf(&result, "|%s", backend.service ? backend.service : "");
            if (backend.protocol != PROTOCOL_HTTP)
                text_appendf(&result, "|%s", protocol_word(backend.protocol));
            assert_string_equal(text_str(&result), rows[i].result);
            kind_backend.fini(&backend);
        }
        text_fini(&problem);
        text_fini(&result);
    }
}

static void test_docker(void **state)
{
    static const struct row rows[] = {
        {"unix:///var/run/docker.sock", NULL, NULL},
        {"tcp://10.0.0.1:2375", NULL, NULL},
        {"tcp://[fd00::1]:2375", NULL, NULL},
        {"http://docker.internal:2375", NULL, NULL},
        {"", NULL, "\"\" is no address of a Docker engine; " DOCKER_HELP},
        {"true", NULL, "\"true\" is no address of a Docker engine; " DOCKER_HELP},
        {"/var/run/docker.sock", NULL,
         "\"/var/run/docker.sock\" is no address of a Docker engine; " DOCKER_HELP},
        {"unix://", NULL, "\"unix://\" is no address of a Docker engine; " DOCKER_HELP},
        {"unix:///", NULL, "\"unix:///\" is no address of a Docker engine; " DOCKER_HELP},
        {"unix://run", NULL, "\"unix://run\" is no address of a Docker engine; " DOCKER_HELP},
        {"tcp://10.0.0.1", NULL,
         "\"tcp://10.0.0.1\" is no address of a Docker engine; " DOCKER_HELP},
        {"ssh://host", NULL, "\"ssh://host\" is no address of a Docker engine; " DOCKER_HELP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        char *endpoint = NULL;
        bool is_good =
            kind_docker.parse(setting("docker"), view_str(rows[i].text), &endpoint, &problem);
        kind_docker.fini(&endpoint);
        assert_string_equal(text_str(&problem), rows[i].problem ? rows[i].problem : "");
        assert_int_equal(is_good, rows[i].problem == NULL);
        text_fini(&problem);
    }
}

struct path_row {
    const char *word, *text, *wrong;
};

/* 107 bytes, and one more. */
#define TEN     "/234567890"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void test_sockets(void **state)
{
    static const struct path_row rows[] = {
        {"handover", "/run/lb/handover.sock", NULL},
        {"handover", HUNDRED "/234567", NULL},
        {"handover", HUNDRED "/2345678", "is longer than the 107 bytes"},
        {"handover", "handover.sock", "does not begin with /"},
        {"handover", "@lb", "does not begin with /"},
        {"handover", "/run/lb/", "is a folder"},
        {"handover", "/", "is a folder"},
        {"handover", "", "is empty"},
        {"handover", "/run/\n", "has a control character"},
        {"discovery", "lb-discovery", NULL},
        {"discovery", "/usr/bin/lb-discovery", NULL},
        {"discovery", "unix:/run/lb/line.sock", NULL},
        {"discovery", "unix:///run/lb/line.sock", NULL},
        {"discovery", "unix:" HUNDRED "/234567", NULL},
        {"discovery", "unix:" HUNDRED "/2345678", "is longer than the 107 bytes"},
        {"discovery", "unix:line.sock", "does not begin with /"},
        {"discovery", "unix:", "is empty"},
        {"discovery", "", "is empty"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct config_setting *row = setting(rows[i].word);
        struct text problem = TEXT_INIT;
        char *path = NULL;
        bool is_good = row->kind->parse(row, view_str(rows[i].text), &path, &problem);
        if (is_good)
            assert_string_equal(path, rows[i].text);
        else
            assert_non_null(strstr(text_str(&problem), rows[i].wrong));
        assert_int_equal(is_good, rows[i].wrong == NULL);
        row->kind->fini(&path);
        text_fini(&problem);
    }
}

static void test_where_discovery_is(void **state)
{
    (void)state;
    assert_null(config_socket_of(NULL));
    assert_null(config_socket_of("lb-discovery"));
    assert_null(config_socket_of("/run/unix:/x"));
    assert_string_equal(config_socket_of("unix:/run/x"), "/run/x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listen),
        cmocka_unit_test(test_backend),
        cmocka_unit_test(test_docker),
        cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_where_discovery_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
