package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequenceNamesTest {

  @Test
  void findsEverySequenceHoweverItIsNamed() {
    assertThat(SequenceNames.in("nextval('public.orders_id_seq'::regclass)"))
        .containsExactly(new TableName("public", "orders_id_seq"));
    assertThat(SequenceNames.in("nextval('\"My \"\"S.\".\"it''s\"'::regclass)"))
        .containsExactly(new TableName("My \"S.", "it's"));
    assertThat(SequenceNames.in("nextval(E'public.\"back\\\\slash\"'::regclass)"))
        .containsExactly(new TableName("public", "back\\slash"));
    assertThat(SequenceNames.in("(nextval('a.b'::regclass) + nextval('c.d'::regclass))"))
        .containsExactly(new TableName("a", "b"), new TableName("c", "d"));
  }

  @Test
  void otherDefaultsNeedNone() {
    assertThat(SequenceNames.in("now()")).isEmpty();
    assertThat(SequenceNames.in("nextval((current_setting('x'::text))::regclass)")).isEmpty();
    assertThat(SequenceNames.in("nextval('unqualified'::regclass)")).isEmpty();
  }
}
