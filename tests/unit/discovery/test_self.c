#include "discovery/self.h"

#include "fixture.h"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define MOUNT(id, file)                                                                            \
    "512 511 8:1 /var/lib/docker/containers/" id "/" file " /etc/" file " rw - ext4 /dev/sda1 "    \
    "rw\n"

static void test_table(void **state)
{
    static const struct {
        const char *mountinfo, *cgroup, *hostname, *guesses;
    } cases[] = {
        {MOUNT(ID_A, "hostname"), "", "web1", ID_A " "},
        {"1 2 / x\n" MOUNT(ID_A, "resolv.conf") MOUNT(ID_B, "hosts"), "", "x", ID_A " "},
        /* what the host itself sees of its containers is not it */
        {MOUNT(ID_A, "mounts/shm"), "0::/\n", "vm", ""},
        {MOUNT(ID_A, "hostnames"), "", "vm", ""},
        {"1 2 3 /containers/short/hostname x\n", "", "vm", ""},
        {"1 2 3 /containers/", "", "vm", ""},
        {"/containers/x/containers/" ID_B "/hosts /etc/hosts\n", "", "vm", ID_B " "},
        {"", "12:cpu:/docker/" ID_B "\n0::/\n", "vm", ID_B " "},
        {"", "0::/system.slice/docker-" ID_B ".scope\n", "vm", ID_B " "},
        {"", "1:x:/docker/" ID_B "c\n", "vm", ""}, /* 65 digits */
        {"", "", "aaaaaaaaaaaa", "aaaaaaaaaaaa "},
        {"", "", ID_A, ID_A " "},
        {"", "", "aaaaaaaaaaaaa", ""},
        {MOUNT(ID_A, "hosts"), "1:x:/docker/" ID_B "\n", "cccccccccccc",
         ID_A " " ID_B " cccccccccccc "},
        {MOUNT(ID_A, "hosts"), "1:x:/docker/" ID_A "\n", "aaaaaaaaaaaa", ID_A " "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct self self;
        char got[256] = "";
        self_guess(view_str(cases[i].mountinfo), view_str(cases[i].cgroup), cases[i].hostname,
                   &self);
        for (size_t k = 0; k < self.count; k++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s ", self.guesses[k].text);
        assert_string_equal(got, cases[i].guesses);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
