/* SPDX-License-Identifier: Apache-2.0 */
#include "support/locdb.h"

#include "intel/lookups.h"
#include "support/cm.h"

#include <libloc/libloc.h>
#include <libloc/writer.h>
#include <stdio.h>

static void add(struct loc_writer *writer, const struct locdb_row *row)
{
    static const struct {
        unsigned ours;
        enum loc_network_flags theirs;
    } flags[] = {{ML_FLAG_ANYCAST, LOC_NETWORK_FLAG_ANYCAST},
                 {ML_FLAG_PROXY, LOC_NETWORK_FLAG_ANONYMOUS_PROXY},
                 {ML_FLAG_SATELLITE, LOC_NETWORK_FLAG_SATELLITE_PROVIDER}};
    struct loc_network *network = NULL;
    assert_int_equal(loc_writer_add_network(writer, &network, row->prefix), 0);
    assert_int_equal(loc_network_set_country_code(network, "US"), 0);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if ((row->flags & flags[i].ours) != 0) {
            assert_int_equal(loc_network_set_flag(network, (uint32_t)flags[i].theirs), 0);
        }
    }
    loc_network_unref(network);
}

void locdb_write(const char *path, const struct locdb_row *rows, size_t n)
{
    struct loc_ctx *context = NULL;
    struct loc_writer *writer = NULL;
    assert_int_equal(loc_new(&context), 0);
    assert_int_equal(loc_writer_new(context, &writer, NULL, NULL), 0);
    for (size_t i = 0; i < n; i++) {
        add(writer, &rows[i]);
    }
    FILE *file = fopen(path, "w+b");
    assert_non_null(file);
    assert_int_equal(loc_writer_write(writer, file, LOC_DATABASE_VERSION_1), 0);
    assert_int_equal(fclose(file), 0);
    loc_writer_unref(writer);
    loc_unref(context);
}
