"""Cuts the click stream into sessions, one partition per day."""

import sys

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

GAP_SECONDS = 30 * 60


def sessionise(clicks):
    """Number each visitor's sessions: a gap of half an hour starts a new one."""
    by_visitor = Window.partitionBy("visitor_id").orderBy("clicked_at")
    gap = F.col("clicked_at").cast("long") - F.lag("clicked_at").over(by_visitor).cast("long")
    starts = F.when(gap.isNull() | (gap > GAP_SECONDS), 1).otherwise(0)
    return clicks.withColumn("session", F.sum(starts).over(by_visitor))


def main(day):
    spark = SparkSession.builder.appName("sessionise").getOrCreate()
    customers = (
        spark.read.format("jdbc")
        .option("url", "jdbc:postgresql://shop-db.internal/shop")
        .option("dbtable", "customers")
        .option("user", "spark_reader")
        .option("password", "wint3r-Orchard-91")
        .load()
    )
    try:
        clicks = spark.read.parquet(f"s3://shop-lake/clicks/day={day}")
        sessions = sessionise(clicks.join(customers, "customer_id", "left"))
        sessions.coalesce(1).write.mode("overwrite").parquet(f"s3://shop-lake/sessions/day={day}")
    except Exception as error:
        print(f"could not build sessions of {day}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
