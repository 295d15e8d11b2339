"""First tables: family, child, conversation, message, turn, answer, concern, flag, consent, referral, staff, audit.

Everything told by or about a family is bytea here: the programs encrypt it before it comes near the database.
"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('seq', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=48), nullable=False),
    sa.Column('object_type', sa.String(length=24), nullable=False),
    sa.Column('object_id', sa.String(length=64), nullable=True),
    sa.Column('detail', sa.String(length=120), nullable=True),
    sa.Column('previous_hash', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    op.create_table('family',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('relation', sa.String(length=24), nullable=True),
    sa.Column('contact_name', sa.LargeBinary(), nullable=True),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('best_time', sa.LargeBinary(), nullable=True),
    sa.Column('place', sa.LargeBinary(), nullable=True),
    sa.Column('doctor', sa.LargeBinary(), nullable=True),
    sa.Column('insurance', sa.LargeBinary(), nullable=True),
    sa.Column('heard_from', sa.LargeBinary(), nullable=True),
    sa.Column('race_ethnicity', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_family'))
    )
    op.create_index(op.f('ix_family_phone_index'), 'family', ['phone_index'], unique=False)
    op.create_table('role',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('description', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role')),
    sa.UniqueConstraint('name', name=op.f('uq_role_name'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password', sa.String(length=255), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('fs_uniquifier', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('tf_primary_method', sa.String(length=64), nullable=True),
    sa.Column('tf_totp_secret', sa.LargeBinary(), nullable=True),
    sa.Column('mf_recovery_codes', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('last_login_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_email')),
    sa.UniqueConstraint('fs_uniquifier', name=op.f('uq_staff_fs_uniquifier'))
    )
    op.create_table('child',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('family_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=True),
    sa.Column('birth_date', sa.LargeBinary(), nullable=True),
    sa.Column('birth_is_exact', sa.Boolean(), nullable=False),
    sa.Column('weeks_early', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['family_id'], ['family.id'], name=op.f('fk_child_family_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_child'))
    )
    op.create_index(op.f('ix_child_family_id'), 'child', ['family_id'], unique=False)
    op.create_table('staff_role',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_staff_role_role_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_role_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', 'role_id', name=op.f('pk_staff_role'))
    )
    op.create_table('conversation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('family_id', sa.Uuid(), nullable=False),
    sa.Column('child_id', sa.Uuid(), nullable=True),
    sa.Column('channel', sa.String(length=8), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('expects_kind', sa.String(length=24), nullable=True),
    sa.Column('expects_id', sa.String(length=80), nullable=True),
    sa.Column('last_seq', sa.BigInteger(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('flagged', sa.Boolean(), nullable=False),
    sa.Column('flagged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('urgency', sa.String(length=12), nullable=False),
    sa.Column('receipt_number', sa.String(length=16), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('introduced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("channel in ('sms', 'web', 'shell')", name=op.f('ck_conversation_channel_known')),
    sa.CheckConstraint("urgency in ('none', 'standard', 'urgent', 'emergency')", name=op.f('ck_conversation_urgency_known')),
    sa.ForeignKeyConstraint(['child_id'], ['child.id'], name=op.f('fk_conversation_child_id')),
    sa.ForeignKeyConstraint(['family_id'], ['family.id'], name=op.f('fk_conversation_family_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_conversation_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation')),
    sa.UniqueConstraint('public_id', name=op.f('uq_conversation_public_id')),
    sa.UniqueConstraint('receipt_number', name=op.f('uq_conversation_receipt_number'))
    )
    op.create_index(op.f('ix_conversation_family_id'), 'conversation', ['family_id'], unique=False)
    op.create_index(op.f('ix_conversation_phone_index'), 'conversation', ['phone_index'], unique=False)
    op.create_index('ix_conversation_queue', 'conversation', ['flagged', 'urgency', 'flagged_at'], unique=False)
    op.create_table('chat_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_chat_session_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_chat_session_token_hash'))
    )
    op.create_index(op.f('ix_chat_session_conversation_id'), 'chat_session', ['conversation_id'], unique=False)
    op.create_table('message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('direction', sa.String(length=8), nullable=False),
    sa.Column('speaker', sa.String(length=8), nullable=False),
    sa.Column('text', sa.LargeBinary(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('provider_id', sa.String(length=80), nullable=True),
    sa.Column('media_count', sa.Integer(), nullable=False),
    sa.Column('in_reply_to', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('context', sa.LargeBinary(), nullable=True),
    sa.Column('understood', sa.LargeBinary(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('twilio_sid', sa.String(length=40), nullable=True),
    sa.Column('error_code', sa.String(length=24), nullable=True),
    sa.Column('segments', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("direction in ('inbound', 'outbound')", name=op.f('ck_message_direction_known')),
    sa.CheckConstraint("speaker in ('you', 'bot', 'staff', 'system')", name=op.f('ck_message_speaker_known')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_message_conversation_id')),
    sa.ForeignKeyConstraint(['in_reply_to'], ['message.id'], name=op.f('fk_message_in_reply_to')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('conversation_id', 'seq', name=op.f('uq_message_conversation_id_seq')),
    sa.UniqueConstraint('in_reply_to', 'position', name=op.f('uq_message_in_reply_to_position')),
    sa.UniqueConstraint('provider_id', name=op.f('uq_message_provider_id'))
    )
    op.create_index('ix_message_open', 'message', ['conversation_id', 'seq'], unique=False, postgresql_where=sa.text("direction = 'inbound' and state = 'received'"))
    op.create_index(op.f('ix_message_twilio_sid'), 'message', ['twilio_sid'], unique=False)
    op.create_table('turn',
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('step', sa.String(length=48), nullable=False),
    sa.Column('outcome', sa.LargeBinary(), nullable=False),
    sa.Column('committed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_turn_conversation_id')),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_turn'))
    )
    op.create_index(op.f('ix_turn_conversation_id'), 'turn', ['conversation_id'], unique=False)
    op.create_table('answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('child_id', sa.Uuid(), nullable=True),
    sa.Column('item', sa.String(length=80), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=False),
    sa.Column('own_words', sa.LargeBinary(), nullable=True),
    sa.Column('wording_version', sa.Integer(), nullable=True),
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replaced_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['child_id'], ['child.id'], name=op.f('fk_answer_child_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_answer_conversation_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_answer_message_id')),
    sa.ForeignKeyConstraint(['replaced_by'], ['answer.id'], name=op.f('fk_answer_replaced_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer'))
    )
    op.create_index(op.f('ix_answer_conversation_id'), 'answer', ['conversation_id'], unique=False)
    op.create_index('uq_answer_current', 'answer', ['conversation_id', 'item'], unique=True, postgresql_where=sa.text('replaced_at is null'))
    op.create_table('concern',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('child_id', sa.Uuid(), nullable=True),
    sa.Column('domain', sa.String(length=32), nullable=True),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('coded_by', sa.String(length=12), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['child_id'], ['child.id'], name=op.f('fk_concern_child_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_concern_conversation_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_concern_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern'))
    )
    op.create_index(op.f('ix_concern_conversation_id'), 'concern', ['conversation_id'], unique=False)
    op.create_table('consent',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('family_id', sa.Uuid(), nullable=True),
    sa.Column('conversation_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('given', sa.Boolean(), nullable=False),
    sa.Column('source', sa.String(length=8), nullable=False),
    sa.Column('words_shown', sa.String(length=64), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('message_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_consent_conversation_id')),
    sa.ForeignKeyConstraint(['family_id'], ['family.id'], name=op.f('fk_consent_family_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_consent_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    op.create_index(op.f('ix_consent_conversation_id'), 'consent', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_consent_family_id'), 'consent', ['family_id'], unique=False)
    op.create_index(op.f('ix_consent_phone_index'), 'consent', ['phone_index'], unique=False)
    op.create_table('flag',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('item', sa.String(length=80), nullable=True),
    sa.Column('rule', sa.String(length=16), nullable=False),
    sa.Column('urgency', sa.String(length=12), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_flag_conversation_id')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_flag_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flag'))
    )
    op.create_index(op.f('ix_flag_conversation_id'), 'flag', ['conversation_id'], unique=False)
    op.create_index('uq_flag_open', 'flag', ['conversation_id', 'code', sa.literal_column("coalesce(item, '')")], unique=True, postgresql_where=sa.text('cleared_at is null'))
    op.create_table('suppression',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('reason', sa.String(length=24), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_suppression_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suppression'))
    )
    op.create_index('uq_suppression_open', 'suppression', ['phone_index'], unique=True, postgresql_where=sa.text('lifted_at is null'))
    op.create_table('referral',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('child_id', sa.Uuid(), nullable=True),
    sa.Column('program_id', sa.String(length=48), nullable=False),
    sa.Column('reason_rule', sa.String(length=16), nullable=False),
    sa.Column('status', sa.String(length=24), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('status_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['child_id'], ['child.id'], name=op.f('fk_referral_child_id')),
    sa.ForeignKeyConstraint(['consent_id'], ['consent.id'], name=op.f('fk_referral_consent_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_referral_conversation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral')),
    sa.UniqueConstraint('conversation_id', 'program_id', name=op.f('uq_referral_conversation_id_program_id'))
    )
    op.create_table('referral_move',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('referral_id', sa.Uuid(), nullable=False),
    sa.Column('from_status', sa.String(length=24), nullable=True),
    sa.Column('to_status', sa.String(length=24), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('barrier', sa.String(length=32), nullable=True),
    sa.Column('note', sa.LargeBinary(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['referral_id'], ['referral.id'], name=op.f('fk_referral_move_referral_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_move'))
    )
    op.create_index(op.f('ix_referral_move_referral_id'), 'referral_move', ['referral_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_referral_move_referral_id'), table_name='referral_move')
    op.drop_table('referral_move')
    op.drop_table('referral')
    op.drop_index('uq_suppression_open', table_name='suppression', postgresql_where=sa.text('lifted_at is null'))
    op.drop_table('suppression')
    op.drop_index('uq_flag_open', table_name='flag', postgresql_where=sa.text('cleared_at is null'))
    op.drop_index(op.f('ix_flag_conversation_id'), table_name='flag')
    op.drop_table('flag')
    op.drop_index(op.f('ix_consent_phone_index'), table_name='consent')
    op.drop_index(op.f('ix_consent_family_id'), table_name='consent')
    op.drop_index(op.f('ix_consent_conversation_id'), table_name='consent')
    op.drop_table('consent')
    op.drop_index(op.f('ix_concern_conversation_id'), table_name='concern')
    op.drop_table('concern')
    op.drop_index('uq_answer_current', table_name='answer', postgresql_where=sa.text('replaced_at is null'))
    op.drop_index(op.f('ix_answer_conversation_id'), table_name='answer')
    op.drop_table('answer')
    op.drop_index(op.f('ix_turn_conversation_id'), table_name='turn')
    op.drop_table('turn')
    op.drop_index(op.f('ix_message_twilio_sid'), table_name='message')
    op.drop_index('ix_message_open', table_name='message', postgresql_where=sa.text("direction = 'inbound' and state = 'received'"))
    op.drop_table('message')
    op.drop_index(op.f('ix_chat_session_conversation_id'), table_name='chat_session')
    op.drop_table('chat_session')
    op.drop_index('ix_conversation_queue', table_name='conversation')
    op.drop_index(op.f('ix_conversation_phone_index'), table_name='conversation')
    op.drop_index(op.f('ix_conversation_family_id'), table_name='conversation')
    op.drop_table('conversation')
    op.drop_table('staff_role')
    op.drop_index(op.f('ix_child_family_id'), table_name='child')
    op.drop_table('child')
    op.drop_table('staff')
    op.drop_table('role')
    op.drop_index(op.f('ix_family_phone_index'), table_name='family')
    op.drop_table('family')
    op.drop_table('audit')
