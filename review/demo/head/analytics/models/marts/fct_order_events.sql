{{
    config(
        materialized='incremental',
        unique_key='order_event_id'
    )
}}

with orders as (

    select * from {{ ref('stg_orders') }}

),

refunds as (

    select * from {{ source('shop', 'refunds') }}

)

select
    {{ dbt_utils.generate_surrogate_key(['orders.order_id', 'refunds.refund_id']) }} as order_event_id,
    orders.order_id,
    refunds.refund_id,
    orders.amount - coalesce(refunds.amount, 0) as net_amount,
    orders.updated_at
from orders
left join refunds on orders.order_id = orders.order_id
