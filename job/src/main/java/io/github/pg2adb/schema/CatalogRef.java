package io.github.pg2adb.schema;

/**
 * An object of the source as pg_depend refers to it.
 *
 * @param catalog the system catalog that it is a row of, such as {@code pg_proc}
 * @param oid its oid there
 */
record CatalogRef(String catalog, long oid) {

  static CatalogRef relation(long oid) {
    return new CatalogRef("pg_class", oid);
  }

  static CatalogRef routine(long oid) {
    return new CatalogRef("pg_proc", oid);
  }

  static CatalogRef constraint(long oid) {
    return new CatalogRef("pg_constraint", oid);
  }

  /** All defaults and generated columns of a table. */
  static CatalogRef defaultsOf(long table) {
    return new CatalogRef("pg_attrdef", table);
  }
}
