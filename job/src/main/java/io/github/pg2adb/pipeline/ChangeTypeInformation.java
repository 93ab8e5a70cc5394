package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.Change;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Tells Flink how {@link Change} travels between subtasks, so that it never falls back to Kryo. */
public final class ChangeTypeInformation extends TypeInformation<Change> {

  private static final long serialVersionUID = 1L;

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public Class<Change> getTypeClass() {
    return Change.class;
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public TypeSerializer<Change> createSerializer(SerializerConfig config) {
    return ChangeSerializer.INSTANCE;
  }

  @Deprecated
  @Override
  public TypeSerializer<Change> createSerializer(ExecutionConfig config) {
    return ChangeSerializer.INSTANCE;
  }

  @Override
  public String toString() {
    return "Change";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChangeTypeInformation;
  }

  @Override
  public int hashCode() {
    return ChangeTypeInformation.class.hashCode();
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof ChangeTypeInformation;
  }
}
